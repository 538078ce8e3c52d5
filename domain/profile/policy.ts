import { canonicalJson, compareJson, compareText } from '../canonical.ts';
import type { JsonValue } from '../json.ts';
import { ownValue } from '../record.ts';
import type { FoldPolicy, Stamp, TraitEntry, TraitPolicy } from './state.ts';

/** What every tenant starts with: the latest trait wins, and the numeric properties of the Segment spec are summed. */
export const DEFAULT_FOLD_POLICY: FoldPolicy = {
  version: 1,
  traits: {},
  summed: ['revenue', 'total', 'value', 'quantity', 'shipping', 'tax', 'discount'],
};

/** The policy of a trait; `latest` where the tenant is silent. */
export function traitPolicy(name: string, policy: FoldPolicy): TraitPolicy {
  return ownValue(policy.traits, name) ?? 'latest';
}

/** Orders facts: event time, then source, then message id. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return compareText(a.at, b.at) || compareText(a.source, b.source) || compareText(a.messageId, b.messageId);
}

/**
 * A trait's value as one event tells it; undefined where it says nothing.
 * Null unsets a trait under `latest` and is no value under the others.
 */
export function traitEntry(value: JsonValue, stamp: Stamp, policy: TraitPolicy): TraitEntry | undefined {
  if (value === null && policy !== 'latest') return undefined;
  const { at, source, messageId } = stamp;
  return { value: policy === 'union' ? distinct(asList(value)) : value, at, source, messageId };
}

/** The one of two entries of a trait, or the union of both. Associative and commutative. */
export function combineTraits(a: TraitEntry, b: TraitEntry, policy: TraitPolicy): TraitEntry {
  switch (policy) {
    case 'latest':
      return compareEntries(a, b) >= 0 ? a : b;
    case 'first':
      return compareEntries(a, b) <= 0 ? a : b;
    case 'min':
      return (compareJson(a.value, b.value) || compareStamps(a, b)) <= 0 ? a : b;
    case 'max':
      return (compareJson(b.value, a.value) || compareStamps(a, b)) <= 0 ? a : b;
    case 'union': {
      const { at, source, messageId } = compareStamps(a, b) >= 0 ? a : b;
      return { value: distinct([...asList(a.value), ...asList(b.value)]), at, source, messageId };
    }
  }
}

/** By stamp; where one message says two things, by the value, so that the choice never depends on order of arrival. */
function compareEntries(a: TraitEntry, b: TraitEntry): number {
  return compareStamps(a, b) || compareJson(a.value, b.value);
}

function asList(value: JsonValue): JsonValue[] {
  return Array.isArray(value) ? value : value === null ? [] : [value];
}

function distinct(values: readonly JsonValue[]): JsonValue[] {
  const byText = new Map(values.map((value) => [canonicalJson(value), value]));
  return [...byText.values()].sort(compareJson);
}

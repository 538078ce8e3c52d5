import { compareJson } from '../canonical.ts';
import type { JsonValue } from '../json.ts';
import { ownValue } from '../record.ts';
import { compareStamps } from './stamp.ts';
import type {
  FoldPolicy,
  SourcePriority,
  Stamp,
  ToldValue,
  TraitEntry,
  TraitPolicy,
  TraitRule,
} from './state.ts';
import { joinTold, toldBy } from './told.ts';

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

/** A policy as people write it: its name, and the sources that `source-priority` goes by. */
export interface NamedPolicy {
  readonly policy: TraitRule | 'source-priority';
  readonly sources?: readonly string[];
}

/** The written form of a policy. */
export function namedPolicy(policy: TraitPolicy): NamedPolicy {
  return typeof policy === 'string' ? { policy } : { policy: 'source-priority', sources: policy.sources };
}

/**
 * A trait's value as one event tells it; undefined where it says nothing.
 * Null unsets a trait under `latest` and is no value under the others.
 */
export function traitEntry(value: JsonValue, stamp: Stamp, policy: TraitPolicy): TraitEntry | undefined {
  if (value === null && policy !== 'latest') return undefined;
  const { at, source, messageId } = stamp;
  switch (policy) {
    case 'union':
      return unionOf(toldBy(Array.isArray(value) ? value : [value], stamp));
    case 'most-frequent':
      return mostFrequentOf(toldBy([value], stamp));
    default:
      return { value, at, source, messageId };
  }
}

/** The one of two entries of a trait, or the join of both. Associative and commutative. */
export function combineTraits(a: TraitEntry, b: TraitEntry, policy: TraitPolicy): TraitEntry {
  if (typeof policy === 'object') return comparePriority(a, b, policy) >= 0 ? a : b;
  switch (policy) {
    case 'latest':
      return compareEntries(a, b) >= 0 ? a : b;
    case 'first':
      return compareEntries(a, b) <= 0 ? a : b;
    case 'min':
      return (compareJson(a.value, b.value) || compareStamps(a, b)) <= 0 ? a : b;
    case 'max':
      return (compareJson(b.value, a.value) || compareStamps(a, b)) <= 0 ? a : b;
    case 'union':
      return unionOf(joinTold(a.told ?? [], b.told ?? [])) ?? a;
    case 'most-frequent':
      return mostFrequentOf(joinTold(a.told ?? [], b.told ?? [])) ?? a;
  }
}

/** By stamp; where one message says two things, by the value, so that the choice never depends on order of arrival. */
function compareEntries(a: TraitEntry, b: TraitEntry): number {
  return compareStamps(a, b) || compareJson(a.value, b.value);
}

/** Above zero where `a` is of the better source, or of one as good and later. */
function comparePriority(a: TraitEntry, b: TraitEntry, { sources }: SourcePriority): number {
  return placeOf(b.source, sources) - placeOf(a.source, sources) || compareEntries(a, b);
}

function placeOf(source: string, sources: readonly string[]): number {
  const place = sources.indexOf(source);
  return place < 0 ? sources.length : place;
}

/** Undefined where nothing was told. */
function unionOf(told: readonly ToldValue[]): TraitEntry | undefined {
  const latest = strongestOf(told, compareStamps);
  if (latest === undefined) return undefined;
  const { at, source, messageId } = latest;
  return { value: told.map(({ value }) => value), at, source, messageId, told };
}

/** Undefined where nothing was told. */
function mostFrequentOf(told: readonly ToldValue[]): TraitEntry | undefined {
  const winner = strongestOf(told, (a, b) => a.count - b.count || compareEntries(a, b));
  if (winner === undefined) return undefined;
  const { value, at, source, messageId } = winner;
  return { value, at, source, messageId, told };
}

function strongestOf(
  told: readonly ToldValue[],
  compare: (a: ToldValue, b: ToldValue) => number,
): ToldValue | undefined {
  let strongest: ToldValue | undefined;
  for (const candidate of told)
    if (strongest === undefined || compare(candidate, strongest) > 0) strongest = candidate;
  return strongest;
}

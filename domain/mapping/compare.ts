import { canonicalJson } from '../canonical.ts';
import { identifierKey } from '../identity/identifier.ts';
import { shownBy, type CanonicalEvent } from '../ingestion/event.ts';
import type { JsonObject } from '../json.ts';
import type { Mapped } from './result.ts';

/** How two mappings differ in what they make of one item. Names fields and reasons, holds no values. */
export type Difference =
  | { readonly kind: 'same' | 'refused' }
  /** Both make events of it; `fields` are those that differ. */
  | { readonly kind: 'changed'; readonly fields: readonly string[] }
  /** Refused by the one, taken by the other. */
  | { readonly kind: 'mended' | 'broken'; readonly code: string };

const PLAIN = ['messageId', 'type', 'event', 'timestamp'] as const;

/** Compares what a mapping made of an item with what another makes of it. */
export function compareMapped(before: Mapped, after: Mapped): Difference {
  if (!before.ok) return after.ok ? { kind: 'mended', code: before.code } : { kind: 'refused' };
  if (!after.ok) return { kind: 'broken', code: after.code };
  if (before.events.length !== after.events.length) return { kind: 'changed', fields: ['events'] };
  const fields = new Set(before.events.flatMap((event, at) => fieldsOf(event, after.events[at])));
  return fields.size === 0 ? { kind: 'same' } : { kind: 'changed', fields: [...fields] };
}

function fieldsOf(a: CanonicalEvent, b: CanonicalEvent | undefined): string[] {
  if (b === undefined) return ['events'];
  const identifiers = (event: CanonicalEvent): string => shownBy(event).map(identifierKey).join('\n');
  return [
    ...PLAIN.filter((name) => a[name] !== b[name]),
    ...(identifiers(a) === identifiers(b) ? [] : ['identifiers']),
    ...members('properties', a.properties, b.properties),
    ...members('traits', a.traits, b.traits),
  ];
}

function members(group: string, a: JsonObject, b: JsonObject): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names]
    .filter((name) => canonicalJson(a[name]) !== canonicalJson(b[name]))
    .map((name) => `${group}.${name}`);
}

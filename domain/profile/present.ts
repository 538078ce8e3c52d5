import { compareText } from '../canonical.ts';
import type { IdentityRules } from '../identity/evidence.ts';
import { parseIdentifierKey, identifierKey, type IdentifierKey } from '../identity/identifier.ts';
import { DEFAULT_IDENTITY_RULES, rank } from '../identity/rules.ts';
import type { CanonicalEvent } from '../ingestion/event.ts';
import type { JsonObject } from '../json.ts';
import { setOwn } from '../record.ts';
import { consentInForce, type ConsentInForce } from './consent.ts';
import { DEFAULT_FOLD_POLICY, namedPolicy, traitPolicy, type NamedPolicy } from './policy.ts';
import type {
  DayBucket,
  EventCounter,
  FoldPolicy,
  IdentifierSeen,
  ProfileState,
  Stamp,
  Sums,
  ToldValue,
  TraitEntry,
  TraitPolicy,
} from './state.ts';

/** A day's or an event's counts as readers see them: sums as numbers. */
export interface PresentedBucket {
  readonly count: number;
  readonly sums: Record<string, number>;
}

/** Everything counted of one event name, as readers see it. */
export interface PresentedCounter extends PresentedBucket {
  readonly first: string;
  readonly last: string;
  /** By UTC day, oldest first. */
  readonly days: Record<string, PresentedBucket>;
}

/** Where a trait's value comes from: the event that told it, the latest of them where there are several. */
export interface TraitSource extends NamedPolicy, Stamp {
  /** Of a value that is made of or chosen from several: each of them, how many events told it, and the latest of those. */
  readonly values?: readonly ToldValue[];
}

/** What a profile's state says to a reader of the API. */
export interface PresentedProfile {
  /** `type:value`, strongest type first. */
  readonly identifiers: IdentifierKey[];
  /** Values by name; unset traits are left out. */
  readonly traits: JsonObject;
  /** Of each of them, by which policy and from which event it is. */
  readonly traitSources: Record<string, TraitSource>;
  readonly computed: {
    readonly events: number;
    readonly firstSeen: string | null;
    readonly lastSeen: string | null;
    readonly byEvent: Record<string, PresentedCounter>;
    readonly byIdentifier: Record<IdentifierKey, IdentifierSeen>;
  };
  readonly consent: Record<string, ConsentInForce>;
}

/** An event as the timeline shows it. */
export interface PresentedEvent {
  readonly messageId: string;
  readonly type: string;
  readonly event: string;
  readonly timestamp: string;
  readonly receivedAt: string;
  readonly source: string;
  /** `type:value`, strongest first. */
  readonly identifiers: IdentifierKey[];
  readonly properties: JsonObject;
  readonly traits: JsonObject;
}

/** The API's view of a state. Names are sorted, so that equal states read the same byte for byte. */
export function presentProfile(
  state: ProfileState,
  rules: IdentityRules = DEFAULT_IDENTITY_RULES,
  policy: FoldPolicy = DEFAULT_FOLD_POLICY,
): PresentedProfile {
  const set = Object.entries(state.traits).filter(([, entry]) => entry.value !== null);
  const identifiers = Object.keys(state.identifiers).sort(
    (a, b) => place(a, rules) - place(b, rules) || compareText(a, b),
  );
  return {
    identifiers,
    traits: sortedRecord(set, (entry) => entry.value),
    traitSources: sortedRecord(set, (entry, name) => sourceOf(entry, traitPolicy(name, policy))),
    computed: {
      events: state.events,
      firstSeen: state.firstSeen,
      lastSeen: state.lastSeen,
      byEvent: sortedRecord(Object.entries(state.counters), presentCounter),
      byIdentifier: sortedRecord(Object.entries(state.identifiers), (seen) => seen),
    },
    consent: sortedRecord(Object.entries(consentInForce(state)), (choice) => choice),
  };
}

/** The API's view of an event. */
export function presentEvent(event: CanonicalEvent): PresentedEvent {
  const { messageId, type, event: name, timestamp, receivedAt, source, properties, traits } = event;
  const identifiers = event.identifiers.map(identifierKey);
  return { messageId, type, event: name, timestamp, receivedAt, source, identifiers, properties, traits };
}

function sourceOf({ at, source, messageId, told }: TraitEntry, policy: TraitPolicy): TraitSource {
  return { ...namedPolicy(policy), at, source, messageId, ...(told && { values: told }) };
}

function presentCounter(counter: EventCounter): PresentedCounter {
  const { count, first, last } = counter;
  const days = sortedRecord(Object.entries(counter.days), presentBucket);
  return { count, first, last, sums: presentSums(counter.sums), days };
}

function presentBucket({ count, sums }: DayBucket): PresentedBucket {
  return { count, sums: presentSums(sums) };
}

function presentSums(sums: Sums): Record<string, number> {
  return sortedRecord(Object.entries(sums), Number);
}

function sortedRecord<T, U>(
  entries: [string, T][],
  present: (value: T, key: string) => U,
): Record<string, U> {
  const record: Record<string, U> = {};
  for (const [key, value] of entries.sort(([a], [b]) => compareText(a, b)))
    setOwn(record, key, present(value, key));
  return record;
}

function place(key: IdentifierKey, rules: IdentityRules): number {
  return rank(parseIdentifierKey(key)?.type ?? '', rules);
}

import type { IdentifierKey } from '../identity/identifier.ts';
import type { JsonValue } from '../json.ts';

/** The order of facts: event time, then source, then message id. Two facts never tie unless they are the same. */
export interface Stamp {
  /** Event time, ISO 8601 UTC. */
  readonly at: string;
  readonly source: string;
  readonly messageId: string;
}

/** A value that events told of a trait: how many, and the latest of them. */
export interface ToldValue extends Stamp {
  readonly value: JsonValue;
  readonly count: number;
}

/** One trait's value and the event it came from. */
export interface TraitEntry extends Stamp {
  readonly value: JsonValue;
  /** Under `union` and `most-frequent`: the values that the value is made of or chosen from, sorted. */
  readonly told?: readonly ToldValue[];
}

/** Exact decimal sums by property name, as decimal strings. */
export type Sums = Record<string, string>;

/** What happened on one UTC day. */
export interface DayBucket {
  readonly count: number;
  readonly sums: Sums;
}

/** Everything counted of one event name. */
export interface EventCounter extends DayBucket {
  readonly first: string;
  readonly last: string;
  /** By UTC day, `YYYY-MM-DD`. */
  readonly days: Record<string, DayBucket>;
}

/** How often and when an identifier was seen. */
export interface IdentifierSeen {
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

/** One consent choice in force for one identifier and purpose. */
export interface ConsentEntry extends Stamp {
  readonly status: 'granted' | 'denied';
}

/**
 * The fold of a fragment's events. `merge` of two is associative, commutative and has `emptyState` as identity,
 * so that a profile is the merge of its fragments in any order. Plain JSON.
 */
export interface ProfileState {
  readonly events: number;
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  /** By trait name. */
  readonly traits: Record<string, TraitEntry>;
  /** By canonical event name. */
  readonly counters: Record<string, EventCounter>;
  /** With those that were blocked when they came: whose they are, membership says. */
  readonly identifiers: Record<IdentifierKey, IdentifierSeen>;
  /** By purpose, then by identifier named on the choice. */
  readonly consent: Record<string, Record<IdentifierKey, ConsentEntry>>;
}

/**
 * How one trait's values on several events become one. `union`: all of them, as a sorted list. `most-frequent`: told by
 * the most events, the latest among equals.
 */
export type TraitRule = 'latest' | 'first' | 'min' | 'max' | 'union' | 'most-frequent';

/** The latest value of the first of these sources that has one; sources that are not named come last. */
export interface SourcePriority {
  readonly sources: readonly string[];
}

/** A trait's policy: a rule by its name, or an order of sources. */
export type TraitPolicy = TraitRule | SourcePriority;

/** What of the fold a tenant may set. A change means a rebuild, hence the version. */
export interface FoldPolicy {
  readonly version: number;
  /** By trait name; `latest` where silent. */
  readonly traits: Record<string, TraitPolicy>;
  /** Names of numeric properties that are summed per event name. */
  readonly summed: readonly string[];
}

import type { IdentifierKey } from '../identity/identifier.ts';
import type { JsonValue } from '../json.ts';

/** The order of facts: event time, then source, then message id. Two facts never tie unless they are the same. */
export interface Stamp {
  /** Event time, ISO 8601 UTC. */
  readonly at: string;
  readonly source: string;
  readonly messageId: string;
}

/** One trait's value and the event it came from. */
export interface TraitEntry extends Stamp {
  readonly value: JsonValue;
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
  /** By trait name; under the policy `union` the value is a sorted list. */
  readonly traits: Record<string, TraitEntry>;
  /** By canonical event name. */
  readonly counters: Record<string, EventCounter>;
  readonly identifiers: Record<IdentifierKey, IdentifierSeen>;
  /** By purpose, then by identifier named on the choice. */
  readonly consent: Record<string, Record<IdentifierKey, ConsentEntry>>;
}

/** How one trait's values on several events become one. */
export type TraitPolicy = 'latest' | 'first' | 'min' | 'max' | 'union';

/** What of the fold a tenant may set. A change means a rebuild, hence the version. */
export interface FoldPolicy {
  readonly version: number;
  /** By trait name; `latest` where silent. */
  readonly traits: Record<string, TraitPolicy>;
  /** Names of numeric properties that are summed per event name. */
  readonly summed: readonly string[];
}

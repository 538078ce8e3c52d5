import { ownValue, setOwn } from '../record.ts';
import { strongerChoice } from './consent.ts';
import { addDecimals } from './decimal.ts';
import { emptyState } from './fold.ts';
import { combineTraits, traitPolicy } from './policy.ts';
import type { DayBucket, EventCounter, FoldPolicy, IdentifierSeen, ProfileState } from './state.ts';

/**
 * Joins the states of two disjoint sets of events; the same as folding all their events onto one state.
 * Associative, commutative, with `emptyState` as identity. Costs the size of the states.
 */
export function merge(a: ProfileState, b: ProfileState, policy: FoldPolicy): ProfileState {
  if (a.events === 0) return b;
  if (b.events === 0) return a;
  return {
    events: a.events + b.events,
    firstSeen: earliest(a.firstSeen, b.firstSeen),
    lastSeen: latest(a.lastSeen, b.lastSeen),
    traits: mergeRecords(a.traits, b.traits, (x, y, name) => combineTraits(x, y, traitPolicy(name, policy))),
    counters: mergeRecords(a.counters, b.counters, mergeCounters),
    identifiers: mergeRecords(a.identifiers, b.identifiers, mergeSeen),
    consent: mergeRecords(a.consent, b.consent, (x, y) => mergeRecords(x, y, strongerChoice)),
  };
}

/** The merge of any number of states. */
export function mergeAll(states: readonly ProfileState[], policy: FoldPolicy): ProfileState {
  return states.reduce((whole, state) => merge(whole, state, policy), emptyState);
}

function mergeRecords<T>(
  a: Record<string, T>,
  b: Record<string, T>,
  join: (x: T, y: T, key: string) => T,
): Record<string, T> {
  const merged = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const mine = ownValue(merged, key);
    setOwn(merged, key, mine === undefined ? value : join(mine, value, key));
  }
  return merged;
}

function mergeCounters(a: EventCounter, b: EventCounter): EventCounter {
  return {
    ...mergeBuckets(a, b),
    first: a.first < b.first ? a.first : b.first,
    last: a.last > b.last ? a.last : b.last,
    days: mergeRecords(a.days, b.days, mergeBuckets),
  };
}

function mergeBuckets(a: DayBucket, b: DayBucket): DayBucket {
  return { count: a.count + b.count, sums: mergeRecords(a.sums, b.sums, addDecimals) };
}

function mergeSeen(a: IdentifierSeen, b: IdentifierSeen): IdentifierSeen {
  return {
    first: a.first < b.first ? a.first : b.first,
    last: a.last > b.last ? a.last : b.last,
    count: a.count + b.count,
  };
}

function earliest(a: string | null, b: string | null): string | null {
  return a === null ? b : b === null || a < b ? a : b;
}

function latest(a: string | null, b: string | null): string | null {
  return a === null ? b : b === null || a > b ? a : b;
}

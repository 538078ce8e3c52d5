import { identifierKey } from '../identity/identifier.ts';
import { shownBy, type CanonicalEvent } from '../ingestion/event.ts';
import type { JsonObject } from '../json.ts';
import { ownValue, setOwn } from '../record.ts';
import { strongerChoice } from './consent.ts';
import { addDecimals, toDecimal } from './decimal.ts';
import { combineTraits, traitEntry, traitPolicy } from './policy.ts';
import type { DayBucket, EventCounter, FoldPolicy, ProfileState, Stamp, Sums } from './state.ts';
import type { Mutable } from '../mutable.ts';

/** Characters of `YYYY-MM-DD` at the front of a timestamp. */
const DAY_LENGTH = 10;

/**
 * A private, mutable copy of a state that many events are folded into. A part is copied when it is first touched and
 * changed in place from then on, so that folding n events costs n and not n times the size of the state.
 */
export class ProfileDraft {
  readonly #state: Mutable<ProfileState>;
  readonly #policy: FoldPolicy;
  readonly #owned = new Set<object>();

  constructor(state: ProfileState, policy: FoldPolicy) {
    this.#state = { ...state };
    this.#policy = policy;
  }

  /** Folds one event. Never refuses. */
  add(event: CanonicalEvent): void {
    const { timestamp: at, source, messageId } = event;
    const state = this.#state;
    state.events += 1;
    if (state.firstSeen === null || at < state.firstSeen) state.firstSeen = at;
    if (state.lastSeen === null || at > state.lastSeen) state.lastSeen = at;
    const stamp = { at, source, messageId };
    this.#addTraits(event.traits, stamp);
    this.#addCounts(event);
    this.#addIdentifiers(event);
    if (event.consent !== undefined) this.#addConsent(event, stamp);
  }

  /** The folded state. The draft must not be used afterwards. */
  finish(): ProfileState {
    return this.#state;
  }

  /** A copy of `record` that this draft may change. */
  #own<T extends object>(record: T): T {
    if (this.#owned.has(record)) return record;
    const copy = { ...record };
    this.#owned.add(copy);
    return copy;
  }

  #addTraits(traits: JsonObject, stamp: Stamp): void {
    for (const name of Object.keys(traits)) {
      const policy = traitPolicy(name, this.#policy);
      const entry = traitEntry(traits[name] ?? null, stamp, policy);
      if (entry === undefined) continue;
      const before = ownValue(this.#state.traits, name);
      const after = before === undefined ? entry : combineTraits(before, entry, policy);
      if (after === before) continue;
      this.#state.traits = this.#own(this.#state.traits);
      setOwn(this.#state.traits, name, after);
    }
  }

  #addCounts(event: CanonicalEvent): void {
    const at = event.timestamp;
    this.#state.counters = this.#own(this.#state.counters);
    const before = ownValue(this.#state.counters, event.event);
    const counter: Mutable<EventCounter> =
      before === undefined ? this.#newCounter(at) : this.#own<Mutable<EventCounter>>(before);
    setOwn(this.#state.counters, event.event, counter);
    if (at < counter.first) counter.first = at;
    if (at > counter.last) counter.last = at;
    counter.days = this.#own(counter.days);
    const day = at.slice(0, DAY_LENGTH);
    const bucket = this.#ownBucket(ownValue(counter.days, day));
    setOwn(counter.days, day, bucket);
    counter.count += 1;
    bucket.count += 1;
    for (const name of this.#policy.summed) {
      const value = toDecimal(ownValue(event.properties, name));
      if (value === undefined) continue;
      counter.sums = this.#addSum(counter.sums, name, value);
      bucket.sums = this.#addSum(bucket.sums, name, value);
    }
  }

  #newCounter(at: string): Mutable<EventCounter> {
    const counter = { count: 0, sums: {}, first: at, last: at, days: {} };
    this.#owned.add(counter).add(counter.sums).add(counter.days);
    return counter;
  }

  #ownBucket(before: DayBucket | undefined): Mutable<DayBucket> {
    if (before !== undefined) return this.#own<Mutable<DayBucket>>(before);
    const bucket = { count: 0, sums: {} };
    this.#owned.add(bucket).add(bucket.sums);
    return bucket;
  }

  #addSum(sums: Sums, name: string, value: string): Sums {
    const own = this.#own(sums);
    const before = ownValue(own, name);
    setOwn(own, name, before === undefined ? value : addDecimals(before, value));
    return own;
  }

  #addIdentifiers(event: CanonicalEvent): void {
    const at = event.timestamp;
    const identifiers = this.#own(this.#state.identifiers);
    this.#state.identifiers = identifiers;
    for (const identifier of shownBy(event)) {
      const key = identifierKey(identifier);
      const seen = ownValue(identifiers, key);
      const first = seen === undefined || at < seen.first ? at : seen.first;
      const last = seen === undefined || at > seen.last ? at : seen.last;
      setOwn(identifiers, key, { first, last, count: (seen?.count ?? 0) + 1 });
    }
  }

  #addConsent(event: CanonicalEvent, stamp: Stamp): void {
    for (const { purpose, status } of event.consent ?? []) {
      this.#state.consent = this.#own(this.#state.consent);
      const choices = this.#own(ownValue(this.#state.consent, purpose) ?? {});
      setOwn(this.#state.consent, purpose, choices);
      for (const identifier of event.identifiers) {
        const key = identifierKey(identifier);
        const entry = { status, ...stamp };
        const before = ownValue(choices, key);
        setOwn(choices, key, before === undefined ? entry : strongerChoice(before, entry));
      }
    }
  }
}

import { steadyClock } from './steady-clock.ts';

/** A cache bounded in entries and in the age of each; what was not read or set lately goes first. */
export interface Lru<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  clear(): void;
}

/** What a cache may hold. `now` is in milliseconds. */
export interface LruOptions {
  /** Most entries; 0, or at least 2. */
  readonly max: number;
  /** Counted from when the entry was set; a read does not prolong it. */
  readonly ttlMs: number;
  readonly now: () => number;
}

interface Entry<V> {
  readonly value: V;
  /** In milliseconds. */
  readonly until: number;
}

/**
 * Makes an empty cache. With `max` 0 nothing is ever kept. Entries are in two generations of half as many each: what is read or
 * set comes into the younger one, and once that is full the older one is dropped whole. So the last `max / 2` entries that were
 * read or set are always there, at the cost of one step of a map each; a strict order of reads would have every read move its
 * entry, and room for every new one be looked for.
 */
export function createLru<V>({ max, ttlMs, now }: LruOptions): Lru<V> {
  if (ttlMs === Infinity) return generations<V>(max);
  const entries = generations<Entry<V>>(max);
  const clock = steadyClock(now);
  return {
    ...entries,
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined || entry.until > clock()) return entry?.value;
      entries.delete(key);
      return undefined;
    },
    set(key, value) {
      entries.set(key, { value, until: clock() + ttlMs });
    },
  };
}

/** A cache whose values are kept as they are, which is half the memory of small ones. */
function generations<V>(max: number): Lru<V> {
  const half = max >> 1;
  let young = new Map<string, V>();
  let old = new Map<string, V>();

  function keep(key: string, value: V): void {
    if (young.size >= half && !young.has(key)) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  }

  return {
    get(key) {
      const recent = young.get(key);
      if (recent !== undefined) return recent;
      const value = old.get(key);
      if (value !== undefined) keep(key, value);
      return value;
    },
    set(key, value) {
      if (half > 0) keep(key, value);
    },
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
    clear() {
      young = new Map();
      old = new Map();
    },
  };
}

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
  readonly until: number;
}

/**
 * Makes an empty cache. With `max` 0 nothing is ever kept. Entries are in two generations of half as many each: what is read or
 * set comes into the younger one, and once that is full the older one is dropped whole. So the last `max / 2` entries that were
 * read or set are always there, at the cost of one step of a map each; a strict order of reads would have every read move its
 * entry, and room for every new one be looked for.
 */
export function createLru<V>({ max, ttlMs, now }: LruOptions): Lru<V> {
  const half = max >> 1;
  let young = new Map<string, Entry<V>>();
  let old = new Map<string, Entry<V>>();

  function keep(key: string, entry: Entry<V>): void {
    if (young.size >= half && !young.has(key)) {
      old = young;
      young = new Map();
    }
    young.set(key, entry);
  }

  function forget(key: string): void {
    young.delete(key);
    old.delete(key);
  }

  return {
    get(key) {
      const recent = young.get(key);
      const entry = recent ?? old.get(key);
      if (entry === undefined) return undefined;
      if (entry.until !== Infinity && entry.until <= now()) {
        forget(key);
        return undefined;
      }
      if (recent === undefined) keep(key, entry);
      return entry.value;
    },
    set(key, value) {
      if (half > 0) keep(key, { value, until: ttlMs === Infinity ? Infinity : now() + ttlMs });
    },
    delete: forget,
    clear() {
      young = new Map();
      old = new Map();
    },
  };
}

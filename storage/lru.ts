/** A cache bounded in entries and in the age of each; the least recently used goes first. */
export interface Lru<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  clear(): void;
}

/** What a cache may hold. `now` is in milliseconds. */
export interface LruOptions {
  readonly max: number;
  /** Counted from when the entry was set; a read does not prolong it. */
  readonly ttlMs: number;
  readonly now: () => number;
}

/** Makes an empty cache. With `max` 0 nothing is ever kept. */
export function createLru<V>(options: LruOptions): Lru<V> {
  const entries = new Map<string, { readonly value: V; readonly until: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (entry.until <= options.now()) return undefined;
      // A Map keeps the order of insertion: putting it back makes it the most recent.
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value) {
      if (options.max === 0) return;
      entries.delete(key);
      entries.set(key, { value, until: options.now() + options.ttlMs });
      if (entries.size > options.max) {
        const oldest = entries.keys().next();
        if (oldest.done !== true) entries.delete(oldest.value);
      }
    },
    delete: (key) => void entries.delete(key),
    clear: () => {
      entries.clear();
    },
  };
}

/** A cache bounded in entries and in the age of each; what was not read lately goes first. */
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

interface Entry<V> {
  readonly value: V;
  readonly until: number;
  /** Read since it was last passed over. */
  used: boolean;
}

/** Entries passed over for one new one; the next goes even if it was read, so that a full cache stays quick. */
const SECOND_CHANCES_MAX = 8;

/**
 * Makes an empty cache. With `max` 0 nothing is ever kept. The order is that of insertion with second chances (CLOCK): a read
 * only marks its entry, where a strict order would have to move it.
 */
export function createLru<V>(options: LruOptions): Lru<V> {
  const entries = new Map<string, Entry<V>>();
  // Kept from call to call: one that begins anew passes all the gaps that those before it have left.
  let oldest = entries.entries();

  function makeRoom(): void {
    for (let chances = SECOND_CHANCES_MAX; entries.size >= options.max; chances -= 1) {
      const next = oldest.next();
      if (next.done === true) {
        oldest = entries.entries();
        continue;
      }
      const [key, entry] = next.value;
      entries.delete(key);
      if (!entry.used || chances <= 0) continue;
      entry.used = false;
      entries.set(key, entry);
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.until !== Infinity && entry.until <= options.now()) {
        entries.delete(key);
        return undefined;
      }
      entry.used = true;
      return entry.value;
    },
    set(key, value) {
      if (options.max === 0) return;
      const until = options.ttlMs === Infinity ? Infinity : options.now() + options.ttlMs;
      // Set again, it counts as read: it keeps its place.
      const used = entries.has(key);
      if (!used && entries.size >= options.max) makeRoom();
      entries.set(key, { value, until, used });
    },
    delete: (key) => void entries.delete(key),
    clear: () => {
      entries.clear();
      oldest = entries.entries();
    },
  };
}

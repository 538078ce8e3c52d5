/** The three ports everything is stored through. Each has one contract suite that every adapter passes. */

/** Where an item stands: a partition and a place in its order (UTF-8 byte order of `sk`). */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A stored item. `value` is opaque here: whoever writes it has encrypted what must be. */
export interface Item extends Key {
  readonly version: number;
  readonly value: Uint8Array;
  /** Epoch seconds; past it, the item reads as absent. */
  readonly expiresAt?: number;
}

/** What must hold of an item for a write to happen: absent (an expired item is), or at this version. */
export type Expectation = 'absent' | number;

/** One part of a write. A put stores `version` as given. */
export type WriteOp =
  | ({ readonly kind: 'put'; readonly expect?: Expectation } & Item)
  | ({ readonly kind: 'delete'; readonly expect?: Expectation } & Key)
  | ({ readonly kind: 'check'; readonly expect: Expectation } & Key);

/** A slice of one partition, in order. All bounds are of `sk`. */
export interface RangeQuery {
  readonly pk: string;
  /** Inclusive lower bound. */
  readonly from?: string;
  /** Exclusive upper bound. */
  readonly to?: string;
  /** Exclusive start in the direction of reading: the last `sk` of the page before. */
  readonly after?: string;
  /** At most this many items; 1,000 where silent. */
  readonly limit?: number;
  readonly reverse?: boolean;
}

/** A most of operations in one write: what DynamoDB's transactions take. */
export const WRITE_OPS_MAX = 100;
/** A most of bytes (keys and values) of one item. DynamoDB's limit is 400 KB with all overhead. */
export const ITEM_BYTES_MAX = 380_000;
/** A most of bytes of one write. DynamoDB's limit is 4 MB. */
export const WRITE_BYTES_MAX = 3_800_000;

/**
 * An ordered, partitioned key-value table. Reads are strongly consistent; a write is durable when it returns.
 * Throws `ConditionFailed` when an expectation does not hold, `StoreUnavailable` when the store can't answer now
 * (the write may or may not have happened), `StoreFull` when there is no room, `ItemTooLarge` beyond the limits above.
 */
export interface Table {
  get(key: Key): Promise<Item | undefined>;
  /** In the order of `keys`, any number of them; undefined where absent. */
  getMany(keys: readonly Key[]): Promise<(Item | undefined)[]>;
  query(range: RangeQuery): Promise<Item[]>;
  /** Several ranges in one call, answered in their order. */
  queryMany(ranges: readonly RangeQuery[]): Promise<Item[][]>;
  /** All or nothing, at most `WRITE_OPS_MAX` ops on distinct keys. */
  write(ops: readonly WriteOp[]): Promise<void>;
  /**
   * Every item whose `pk` starts with `prefix`, in an order of the store's own, after the item at `after` in that order
   * (which may be gone by now); for rebuilds and exports. What is written meanwhile may show or not.
   */
  scan(prefix: string, after?: Key): AsyncIterable<Item>;
  close(): Promise<void>;
}

/** Immutable objects under slash-separated keys. Throws `StoreUnavailable`, `StoreFull`. */
export interface Blobs {
  /** Durable when it returns. With `ifAbsent`, answers false and changes nothing where the key exists; else true. */
  put(key: string, bytes: Uint8Array, options?: { readonly ifAbsent?: boolean }): Promise<boolean>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** Bytes `from` (inclusive) to `to` (exclusive). */
  getRange(key: string, from: number, to: number): Promise<Uint8Array | undefined>;
  /** Keys that start with `prefix`, ascending, after `after`. */
  list(prefix: string, options?: { readonly after?: string; readonly limit?: number }): Promise<string[]>;
  /** Deleting what is absent is no error. */
  delete(key: string): Promise<void>;
  close(): Promise<void>;
}

/** A fresh data key: `plaintext` is 32 bytes and lives in memory alone; `wrapped` may be stored. */
export interface DataKey {
  readonly plaintext: Uint8Array;
  readonly wrapped: Uint8Array;
}

/**
 * Data keys under the tenant's master key. `context` is bound to the wrapping: unwrapping under another fails.
 * Throws `StoreUnavailable` while the key service is away, `KeyGone` for what was destroyed or tampered with.
 */
export interface Keys {
  generate(context: string): Promise<DataKey>;
  unwrap(wrapped: Uint8Array, context: string): Promise<Uint8Array>;
  /** Makes every key wrapped under `epoch` unreadable for good. */
  destroy(epoch: string): Promise<void>;
  /** The tenant's secret for blind indexes of this purpose: 32 bytes, the same for ever. */
  indexKey(purpose: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** One tenant's storage. `log` holds streams, `keys` wrapped keys and no backups, `intake` pending batches and counts. */
export interface Storage {
  readonly log: Table;
  readonly keys: Table;
  readonly intake: Table;
  readonly blobs: Blobs;
  readonly master: Keys;
  /** What the adapters did since the start: requests, items, bytes, write units; for the cost counters. */
  readonly meter: Meter;
  close(): Promise<void>;
}

/** Running totals by name, such as `table.write.units`. */
export interface Meter {
  add(counter: string, amount: number): void;
  read(): Record<string, number>;
}

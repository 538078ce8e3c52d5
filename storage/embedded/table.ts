import { mkdirSync } from 'node:fs';
import { open } from 'lmdb';
import type { RootDatabase } from 'lmdb';
import { StoreUnavailable } from '../errors.ts';
import type { Item, Key, Meter, RangeQuery, Table, WriteOp } from '../ports.ts';
import { keyBytes, checkKey, checkWrite } from '../write-rules.ts';
import { readUnits, tableMeter } from '../units.ts';
import type { TableMeter } from '../units.ts';
import { decodeItem, decodeKey, encodeKey, encodePrefix, partitionEnd, prefixEnd } from './encoding.ts';
import { storageFault } from './faults.ts';
import { GroupCommit } from './group-commit.ts';
import type { Outcome } from './group-commit.ts';
import { Writes } from './writes.ts';
import type { PreparedWrite } from './writes.ts';

/** Address space reserved at first; LMDB's binding grows it when data does. */
const MAP_BYTES = 16 * 2 ** 30;
const QUERY_LIMIT = 1_000;
const SCAN_PAGE_ITEMS = 200;
/** Bytes of one group commit, each op counted as a page: some 60 ms of the event loop where so much waits. */
const GROUP_BYTES_MAX = 24_000_000;
const OP_BYTES = 4_096;

/** Settings of an embedded table. `now` answers epoch milliseconds. */
export interface EmbeddedTableOptions {
  readonly dir: string;
  readonly name: string;
  readonly meter: Meter;
  readonly now?: () => number;
}

/**
 * A table in an LMDB environment of its own, which several processes may have open at once. Reads see every commit of
 * every process; writes are flushed to disk before they resolve, many in one flush.
 */
export class EmbeddedTable implements Table {
  readonly #db: RootDatabase<Buffer, Buffer>;
  readonly #dir: string;
  readonly #what: string;
  readonly #meter: TableMeter;
  readonly #now: () => number;
  readonly #writes: Writes;
  readonly #commits: GroupCommit<PreparedWrite>;
  #closing: Promise<void> | undefined;

  constructor(options: EmbeddedTableOptions) {
    this.#dir = options.dir;
    this.#what = `table ${options.name} in ${options.dir}`;
    this.#meter = tableMeter(options.meter, options.name);
    this.#now = options.now ?? Date.now;
    this.#commits = new GroupCommit((group) => this.#commit(group), GROUP_BYTES_MAX);
    try {
      mkdirSync(options.dir, { recursive: true, mode: 0o700 });
      this.#db = open<Buffer, Buffer>({
        path: options.dir,
        noSubdir: false,
        keyEncoding: 'binary',
        encoding: 'binary',
        mapSize: MAP_BYTES,
        // A commit returns when it is flushed, not when it is merely visible.
        overlappingSync: false,
      });
    } catch (error) {
      throw storageFault(this.#what, this.#dir, error);
    }
    this.#writes = new Writes(this.#db, this.#meter);
  }

  async get(key: Key): Promise<Item | undefined> {
    const [item] = await this.getMany([key]);
    return item;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, LMDB reads are not
  async getMany(keys: readonly Key[]): Promise<(Item | undefined)[]> {
    keys.forEach(checkKey);
    return this.#read(() => {
      const now = this.#seconds();
      let units = 0;
      let bytes = 0;
      const items = keys.map((key) => {
        const stored = this.#db.getBinary(encodeKey(key.pk, key.sk));
        const size = keyBytes(key) + (stored?.length ?? 0);
        units += readUnits(size);
        bytes += size;
        return stored === undefined ? undefined : decodeItem(key, stored, now);
      });
      this.#meter('read', { requests: Math.ceil(keys.length / 100), items: keys.length, bytes, units });
      return items;
    });
  }

  async query(range: RangeQuery): Promise<Item[]> {
    const [items] = await this.queryMany([range]);
    return items ?? [];
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, LMDB reads are not
  async queryMany(ranges: readonly RangeQuery[]): Promise<Item[][]> {
    return this.#read(() => ranges.map((range) => this.#query(range)));
  }

  write(ops: readonly WriteOp[]): Promise<void> {
    if (ops.length === 0) return Promise.resolve();
    let sizes: number[];
    try {
      sizes = checkWrite(ops);
      if (this.#closing !== undefined) throw new StoreUnavailable(this.#what);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    const size = sizes.reduce((sum, bytes) => sum + OP_BYTES + bytes, 0);
    return this.#commits.add({ ops, keys: ops.map((op) => encodeKey(op.pk, op.sk)), sizes }, size);
  }

  async *scan(prefix: string, afterKey?: Key): AsyncIterable<Item> {
    const start = encodePrefix(prefix);
    const end = prefixEnd(start);
    let after = afterKey === undefined ? undefined : encodeKey(afterKey.pk, afterKey.sk);
    for (;;) {
      // A page at a time: an open cursor would keep LMDB from reusing pages for as long as the caller takes.
      const page = this.#read(() => [
        ...this.#db.getRange({
          start: after ?? start,
          ...(end === undefined ? {} : { end }),
          exclusiveStart: after !== undefined,
          limit: SCAN_PAGE_ITEMS,
        }),
      ]);
      const now = this.#seconds();
      for (const { key, value } of page) {
        const item = decodeItem(decodeKey(key), value, now);
        if (item !== undefined) yield item;
      }
      after = page.at(-1)?.key;
      if (page.length < SCAN_PAGE_ITEMS || after === undefined) return;
      await new Promise(setImmediate);
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#commits.drained().then(() => this.#db.close());
    await this.#closing;
  }

  #query(range: RangeQuery): Item[] {
    const now = this.#seconds();
    const limit = range.limit ?? QUERY_LIMIT;
    const items: Item[] = [];
    let bytes = 0;
    if (limit > 0) {
      for (const { key, value } of this.#db.getRange(bounds(range))) {
        const item = decodeItem(decodeKey(key), value, now);
        bytes += key.length + value.length;
        if (item !== undefined) items.push(item);
        if (items.length >= limit) break;
      }
    }
    this.#meter('read', { requests: 1, items: items.length, bytes, units: readUnits(bytes) });
    return items;
  }

  #read<T>(read: () => T): T {
    if (this.#closing !== undefined) throw new StoreUnavailable(this.#what);
    try {
      // The binding keeps a snapshot for a turn of the event loop; another process may have committed since.
      this.#db.resetReadTxn();
      return read();
    } catch (error) {
      throw storageFault(this.#what, this.#dir, error);
    }
  }

  #commit(group: readonly PreparedWrite[]): Outcome[] {
    try {
      return this.#writes.commit(group, this.#seconds());
    } catch (error) {
      throw storageFault(this.#what, this.#dir, error);
    }
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}

function bounds(range: RangeQuery): Parameters<RootDatabase<Buffer, Buffer>['getRange']>[0] {
  const low = encodeKey(range.pk, range.from ?? '');
  const high = range.to === undefined ? partitionEnd(range.pk) : encodeKey(range.pk, range.to);
  if (range.reverse === true) {
    const after = range.after === undefined ? high : encodeKey(range.pk, range.after);
    const start = Buffer.compare(after, high) < 0 ? after : high;
    // The lower bound of `sk` is inclusive, whichever way it is read.
    return { start, end: low, reverse: true, exclusiveStart: true, inclusiveEnd: true };
  }
  const after = range.after === undefined ? undefined : encodeKey(range.pk, range.after);
  if (after !== undefined && Buffer.compare(after, low) >= 0) {
    return { start: after, end: high, exclusiveStart: true };
  }
  return { start: low, end: high };
}

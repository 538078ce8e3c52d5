import { ConditionFailed, StoreUnavailable } from '../../../storage/errors.ts';
import { createProfileDirectory } from '../../../storage/identity/directory.ts';
import type { ProfileDirectory } from '../../../storage/identity/types.ts';
import type { Item, Key, RangeQuery, Table, WriteOp } from '../../../storage/ports.ts';
import { checkWrite } from '../../../storage/write-rules.ts';
import type { IdentityRules } from '../../../domain/identity/evidence.ts';

/** A table in memory, small enough to be seen through, for tests that need thousands of them. */
export interface MemoryTable extends Table {
  /** Calls so far, and the one that fails: before it took effect, or after. */
  calls: number;
  failAt?: { call: number; when: 'before' | 'after' };
  readonly items: Map<string, Item>;
}

const name = ({ pk, sk }: Key): string => `${pk}\n${sk}`;

export function memoryTable(): MemoryTable {
  const items = new Map<string, Item>();
  const holds = (op: WriteOp): boolean => {
    const version = items.get(name(op))?.version;
    return (
      op.expect === undefined || (op.expect === 'absent' ? version === undefined : version === op.expect)
    );
  };
  const query = (range: RangeQuery): Item[] => {
    const { from, to, after, reverse } = range;
    const found = [...items.values()]
      .filter(
        ({ pk, sk }) =>
          pk === range.pk && (from === undefined || sk >= from) && (to === undefined || sk < to),
      )
      .filter(({ sk }) => after === undefined || (reverse ? sk < after : sk > after))
      .sort((x, y) => (x.sk < y.sk ? -1 : 1));
    return (reverse ? found.reverse() : found).slice(0, range.limit ?? 1000);
  };
  const write = (ops: readonly WriteOp[]): void => {
    checkWrite(ops);
    const failed = ops.flatMap((op, index) => (holds(op) ? [] : [index]));
    if (failed.length > 0) throw new ConditionFailed(failed);
    for (const op of ops) {
      if (op.kind === 'put')
        items.set(name(op), { pk: op.pk, sk: op.sk, version: op.version, value: op.value });
      if (op.kind === 'delete') items.delete(name(op));
    }
  };
  const table: MemoryTable = {
    calls: 0,
    items,
    get: (key) => call(() => items.get(name(key))),
    getMany: (keys) => call(() => keys.map((key) => items.get(name(key)))),
    query: (range) => call(() => query(range)),
    queryMany: (ranges) => call(() => ranges.map(query)),
    write: (ops) =>
      call(() => {
        write(ops);
      }),
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous
    scan: async function* (prefix, after) {
      const sorted = [...items].sort(([x], [y]) => (x < y ? -1 : 1));
      for (const [key, item] of sorted)
        if (item.pk.startsWith(prefix) && (after === undefined || key > name(after))) yield item;
    },
    close: () => Promise.resolve(),
  };
  async function call<T>(effect: () => T): Promise<T> {
    const fails = table.failAt?.call === ++table.calls ? table.failAt.when : undefined;
    // Others get their turn, as they would between a request and its answer.
    await Promise.resolve();
    if (fails === 'before') throw new StoreUnavailable('the table');
    const answer = effect();
    if (fails === 'after') throw new StoreUnavailable('the table');
    return answer;
  }
  return table;
}

const KEY = { bytes: new Uint8Array(32).fill(7), tag: new Uint8Array(4).fill(1) };

/** A clock that moves by a millisecond a reading. */
export function ticking(start = Date.UTC(2026, 5, 1)): () => number {
  let now = start;
  return () => now++;
}

/** A directory over a table, with profile ids that count up with the table's age. */
export function directoryOn(
  table: Table,
  rules: IdentityRules,
  options: { readonly now?: () => number; readonly opsMax?: number } = {},
): ProfileDirectory {
  const { now = ticking() } = options;
  return createProfileDirectory({
    tenant: 'test',
    storage: { log: table },
    vault: { tenantSealKey: () => Promise.resolve(KEY) },
    rules: () => Promise.resolve(rules),
    ...(options.opsMax !== undefined && { opsMax: options.opsMax }),
    now,
    random: (bytes) => {
      const id = new Uint8Array(bytes);
      new DataView(id.buffer).setUint32(0, seed(table));
      return id;
    },
  });
}

const seeds = new WeakMap<object, number>();
function seed(table: Table): number {
  const next = (seeds.get(table) ?? 0) + 1;
  seeds.set(table, next);
  return next;
}

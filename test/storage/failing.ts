import { StoreUnavailable } from '../../storage/errors.ts';
import type { Storage, Table } from '../../storage/ports.ts';

/** When the failure comes: before the call had its effect, or after it, as when an answer gets lost. */
export type FailureMoment = 'before' | 'after';

/** A storage whose n-th call (from 1) fails once. `calls` tells how many were made. */
export function failing(
  storage: Storage,
  n: number,
  moment: FailureMoment,
): { storage: Storage; calls: () => number } {
  let calls = 0;
  async function through<T>(call: () => Promise<T>): Promise<T> {
    calls += 1;
    const fails = calls === n;
    if (fails && moment === 'before') throw new StoreUnavailable('the store');
    const result = await call();
    if (fails) throw new StoreUnavailable('the store');
    return result;
  }
  const table = (inner: Table): Table => ({
    get: (key) => through(() => inner.get(key)),
    getMany: (keys) => through(() => inner.getMany(keys)),
    query: (range) => through(() => inner.query(range)),
    queryMany: (ranges) => through(() => inner.queryMany(ranges)),
    write: (ops) => through(() => inner.write(ops)),
    scan: (prefix, after) => inner.scan(prefix, after),
    close: () => inner.close(),
  });
  const { blobs } = storage;
  return {
    calls: () => calls,
    storage: {
      ...storage,
      log: table(storage.log),
      keys: table(storage.keys),
      intake: table(storage.intake),
      blobs: {
        put: (key, bytes, options) => through(() => blobs.put(key, bytes, options)),
        get: (key) => through(() => blobs.get(key)),
        getRange: (key, from, to) => blobs.getRange(key, from, to),
        list: (prefix, options) => blobs.list(prefix, options),
        delete: (key) => blobs.delete(key),
        close: () => blobs.close(),
      },
    },
  };
}

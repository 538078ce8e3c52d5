import { StoreUnavailable } from '../../storage/errors.ts';
import type { Blobs, Storage, Table } from '../../storage/ports.ts';

/** Whether the call at which the process dies has its effect. */
export type Moment = 'before' | 'after';

/**
 * A storage as a process sees it that dies at its n-th call (from 1) after `kill`: that call has its effect or not, and
 * none after it does.
 */
export function dying(storage: Storage, n: number, moment: Moment): { storage: Storage; kill: () => void } {
  let calls = -Infinity;
  const call = async <T>(run: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls > n || (calls === n && moment === 'before')) throw new StoreUnavailable('the dead process');
    const result = await run();
    if (calls >= n) throw new StoreUnavailable('the dead process');
    return result;
  };
  const table = (inner: Table): Table => ({
    get: (key) => call(() => inner.get(key)),
    getMany: (keys) => call(() => inner.getMany(keys)),
    query: (range) => call(() => inner.query(range)),
    queryMany: (ranges) => call(() => inner.queryMany(ranges)),
    write: (ops) => call(() => inner.write(ops)),
    scan: (prefix, after) => inner.scan(prefix, after),
    close: () => inner.close(),
  });
  const blobs: Blobs = {
    put: (key, bytes, options) => call(() => storage.blobs.put(key, bytes, options)),
    get: (key) => call(() => storage.blobs.get(key)),
    getRange: (key, from, to) => call(() => storage.blobs.getRange(key, from, to)),
    list: (prefix, options) => call(() => storage.blobs.list(prefix, options)),
    delete: (key) => call(() => storage.blobs.delete(key)),
    close: () => storage.blobs.close(),
  };
  const dead = {
    ...storage,
    log: table(storage.log),
    keys: table(storage.keys),
    intake: table(storage.intake),
    blobs,
  };
  return {
    storage: dead,
    kill: () => {
      calls = 0;
    },
  };
}

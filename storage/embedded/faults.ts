import { statfsSync } from 'node:fs';
import { StorageError, StoreFull, StoreUnavailable } from '../errors.ts';

/** As Node and LMDB name them: no space, quota, file size limit, and LMDB's "map full". */
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 28, 122, 27, -30792]);
/** LMDB reports a write that was cut short, as on a full disk, as an input/output error. */
const CUT_SHORT = 5;
const ROOM_BYTES = 16 * 2 ** 20;

/** Turns what LMDB or the file system threw under `dir` into the port's errors. Those pass through unchanged. */
export function storageFault(what: string, dir: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  return isFull(dir, cause) ? new StoreFull(what, { cause }) : new StoreUnavailable(what, { cause });
}

/** The `code` of a Node error, undefined for anything else. */
export function errorCode(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

function isFull(dir: string, cause: unknown): boolean {
  const code = errorCode(cause);
  if (FULL.has(code)) return true;
  return code === CUT_SHORT && roomBytes(dir) < ROOM_BYTES;
}

function roomBytes(dir: string): number {
  try {
    const stats = statfsSync(dir);
    return stats.bavail * stats.bsize;
  } catch {
    return Infinity;
  }
}

import { randomFillSync } from 'node:crypto';

/** Bytes drawn from the system at once: one call costs as much for a few bytes as for thousands. */
const POOL_BYTES = 8_192;

const pool = Buffer.alloc(POOL_BYTES);
let next = POOL_BYTES;

/** Fills `count` bytes of `target` from `at` on with what nobody can guess: for keys, ids and IVs, of which there are many. */
export function fillRandom(target: Uint8Array, at: number, count: number): void {
  if (count > POOL_BYTES) {
    randomFillSync(target, at, count);
    return;
  }
  if (next + count > POOL_BYTES) {
    randomFillSync(pool);
    next = 0;
  }
  target.set(pool.subarray(next, next + count), at);
  // A key lives where it was handed out to and nowhere else.
  pool.fill(0, next, next + count);
  next += count;
}

/** Bytes that nobody can guess, in memory of their own. */
export function randomBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count);
  fillRandom(bytes, 0, count);
  return bytes;
}

import { ItemTooLarge, StorageError } from './errors.ts';
import { KeySet } from './key-set.ts';
import { ITEM_BYTES_MAX, WRITE_BYTES_MAX, WRITE_OPS_MAX } from './ports.ts';
import type { Key, WriteOp } from './ports.ts';

/** A most of UTF-8 bytes of each part of a key: DynamoDB's sort key takes 1,024, LMDB's whole key 1,978. */
export const KEY_PART_BYTES_MAX = 900;

/** Bytes of a key as DynamoDB counts them: names and values of its two attributes. */
export function keyBytes(key: Key): number {
  return Buffer.byteLength(key.pk) + Buffer.byteLength(key.sk) + 4;
}

/** Bytes of an item as DynamoDB counts them, roughly: key, version, value, expiry. */
export function itemBytes(item: Key & { readonly value: Uint8Array; readonly expiresAt?: number }): number {
  return keyBytes(item) + 5 + item.value.length + 1 + (item.expiresAt === undefined ? 0 : 8);
}

/** Bytes that an op counts for against the limits. */
export function opBytes(op: WriteOp): number {
  return op.kind === 'put' ? itemBytes(op) : keyBytes(op);
}

/** Throws `ItemTooLarge` for a key that some adapter could not hold, `StorageError` (`invalid-key`) for an empty one. */
export function checkKey(key: Key): void {
  if (key.pk === '' || key.sk === '') {
    throw new StorageError('invalid-key', 'pk and sk must not be empty');
  }
  if (!isStorable(key)) {
    throw new ItemTooLarge(`each part of a key takes at most ${KEY_PART_BYTES_MAX} bytes`);
  }
}

/** Whether the key is short enough for every adapter; nothing stands under one that is not. */
export function isStorable({ pk, sk }: Key): boolean {
  return !tooLong(pk) && !tooLong(sk);
}

function tooLong(part: string): boolean {
  // A UTF-16 unit is at most 3 bytes, so short keys need no count.
  return part.length * 3 > KEY_PART_BYTES_MAX && Buffer.byteLength(part) > KEY_PART_BYTES_MAX;
}

/**
 * Checks a write against the port's limits before anything is sent, so that every adapter refuses alike; answers the
 * bytes of each op. Throws `ItemTooLarge`, or `StorageError` (`invalid-write`, `invalid-key`) for a fault of the caller.
 */
export function checkWrite(ops: readonly WriteOp[]): number[] {
  if (ops.length > WRITE_OPS_MAX) {
    throw new ItemTooLarge(`a write takes at most ${WRITE_OPS_MAX} ops, not ${ops.length}`);
  }
  const seen = new KeySet();
  let isDistinct = true;
  const sizes: number[] = [];
  let total = 0;
  for (const op of ops) {
    checkKey(op);
    const bytes = opBytes(op);
    sizes.push(bytes);
    if (bytes > ITEM_BYTES_MAX) {
      throw new ItemTooLarge(`an item takes at most ${ITEM_BYTES_MAX} bytes, not ${bytes}`);
    }
    total += bytes;
    if (op.kind === 'put' && !Number.isSafeInteger(op.version)) {
      throw new StorageError('invalid-write', 'an item version must be an integer');
    }
    if (ops.length > 1 && !seen.add(op)) isDistinct = false;
  }
  if (total > WRITE_BYTES_MAX) {
    throw new ItemTooLarge(`a write takes at most ${WRITE_BYTES_MAX} bytes, not ${total}`);
  }
  if (!isDistinct) {
    throw new StorageError('invalid-write', 'the ops of one write must be on distinct keys');
  }
  return sizes;
}

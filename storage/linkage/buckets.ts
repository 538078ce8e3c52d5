import type { FragmentId } from '../../domain/identity/identifier.ts';

/** Bytes kept of a blocking key's keyed hash. */
export const HASH_BYTES = 8;
/** A fragment's address is so many characters of ASCII. */
const FRAGMENT_BYTES = 22;
const POSTING_BYTES = HASH_BYTES + FRAGMENT_BYTES;
const ENTRY_HEAD_BYTES = FRAGMENT_BYTES + 4 + 1;

/** That a record has a key. */
export interface Posting {
  readonly hash: Buffer;
  readonly fragment: FragmentId;
}

/** What an index keeps of a record: how far its stream had got, and its keys, to be taken back when they change. */
export interface Entry {
  readonly fragment: FragmentId;
  readonly version: number;
  readonly hashes: readonly Buffer[];
}

/** The bucket of a fragment among 2^`bits`: its address is a keyed hash, so that any part of it is as random as another. */
export function fragmentBucket(fragment: FragmentId, bits: number): number {
  return bucketOf(Buffer.from(fragment, 'base64url'), bits);
}

/** The bucket of a hash among 2^`bits`. */
export function bucketOf(bytes: Uint8Array, bits: number): number {
  const first = ((bytes[0] ?? 0) << 24) | ((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  return bits === 0 ? 0 : first >>> (32 - bits);
}

function fragmentBytes(fragment: FragmentId): Buffer {
  const bytes = Buffer.from(fragment, 'latin1');
  if (bytes.length !== FRAGMENT_BYTES) throw new RangeError('a fragment of another length than any address');
  return bytes;
}

/** Postings, one after the other. */
export function encodePostings(postings: readonly Posting[]): Uint8Array {
  return Buffer.concat(postings.flatMap(({ hash, fragment }) => [hash, fragmentBytes(fragment)]));
}

/** Reverses `encodePostings`. */
export function decodePostings(bytes: Uint8Array): Posting[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const postings: Posting[] = [];
  for (let at = 0; at + POSTING_BYTES <= buffer.length; at += POSTING_BYTES) {
    const hash = buffer.subarray(at, at + HASH_BYTES);
    postings.push({ hash, fragment: buffer.toString('latin1', at + HASH_BYTES, at + POSTING_BYTES) });
  }
  return postings;
}

/** The fragments that have a hash, without decoding those that don't. */
export function fragmentsWith(bytes: Uint8Array, hash: Buffer): FragmentId[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: FragmentId[] = [];
  for (let at = 0; at + POSTING_BYTES <= buffer.length; at += POSTING_BYTES)
    if (buffer.compare(hash, 0, HASH_BYTES, at, at + HASH_BYTES) === 0)
      found.push(buffer.toString('latin1', at + HASH_BYTES, at + POSTING_BYTES));
  return found;
}

/** Entries, one after the other. */
export function encodeEntries(entries: readonly Entry[]): Uint8Array {
  return Buffer.concat(
    entries.flatMap(({ fragment, version, hashes }) => {
      const head = Buffer.alloc(5);
      head.writeUInt32BE(version, 0);
      head.writeUInt8(hashes.length, 4);
      return [fragmentBytes(fragment), head, ...hashes];
    }),
  );
}

/** Reverses `encodeEntries`. */
export function decodeEntries(bytes: Uint8Array): Entry[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Entry[] = [];
  for (let at = 0; at + ENTRY_HEAD_BYTES <= buffer.length;) {
    const fragment = buffer.toString('latin1', at, at + FRAGMENT_BYTES);
    const version = buffer.readUInt32BE(at + FRAGMENT_BYTES);
    const count = buffer.readUInt8(at + FRAGMENT_BYTES + 4);
    at += ENTRY_HEAD_BYTES;
    const hashes = Array.from({ length: count }, (_, i) =>
      buffer.subarray(at + i * HASH_BYTES, at + (i + 1) * HASH_BYTES),
    );
    at += count * HASH_BYTES;
    entries.push({ fragment, version, hashes });
  }
  return entries;
}

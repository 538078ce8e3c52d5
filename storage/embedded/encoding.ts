import type { Item, Key } from '../ports.ts';

/** Between partition and sort key; below every byte that an encoded partition can have. */
const SEPARATOR = 0x00;
const HEADER_BYTES = 9;
const EXPIRY_BYTES = 8;
const FORMAT = 0x10;
const FORMAT_EXPIRES = 0x11;

/**
 * One LMDB key that keeps the order of `sk` within a partition: the partition with 0 and 1 escaped, a 0, the sort
 * key as it is. No two keys collide, and a prefix of a partition is a prefix of its encoding.
 */
export function encodeKey(pk: string, sk: string): Buffer {
  return Buffer.from(`${escapePartition(pk)}\u0000${sk}`);
}

/** The bytes that every partition starting with `prefix` starts with. */
export function encodePrefix(prefix: string): Buffer {
  return Buffer.from(escapePartition(prefix));
}

/** The least key beyond a partition. */
export function partitionEnd(pk: string): Buffer {
  return Buffer.from(`${escapePartition(pk)}\u0001`);
}

/** The least key beyond all that start with `prefix`; undefined where nothing is beyond. */
export function prefixEnd(prefix: Buffer): Buffer | undefined {
  const end = Buffer.from(prefix);
  for (let i = end.length - 1; i >= 0; i -= 1) {
    const byte = end[i] ?? 0;
    if (byte < 0xff) {
      end[i] = byte + 1;
      return end.subarray(0, i + 1);
    }
  }
  return undefined;
}

/** Undoes `encodeKey`. */
export function decodeKey(key: Buffer): Key {
  const at = key.indexOf(SEPARATOR);
  return { pk: unescapePartition(key.toString('utf8', 0, at)), sk: key.toString('utf8', at + 1) };
}

/** A stored value: a format byte, the version, the expiry where there is one, the bytes. */
export function encodeValue(item: Item): Buffer {
  const expires = item.expiresAt !== undefined;
  const header = HEADER_BYTES + (expires ? EXPIRY_BYTES : 0);
  const bytes = Buffer.allocUnsafe(header + item.value.length);
  bytes[0] = expires ? FORMAT_EXPIRES : FORMAT;
  bytes.writeDoubleBE(item.version, 1);
  if (item.expiresAt !== undefined) bytes.writeDoubleBE(item.expiresAt, HEADER_BYTES);
  bytes.set(item.value, header);
  return bytes;
}

/** What the header of a stored value says, and where its bytes begin. */
export interface Header {
  readonly version: number;
  readonly expiresAt: number | undefined;
  readonly end: number;
}

/** Reads the header of a stored value. Throws on a format that this code does not know. */
export function decodeHeader(bytes: Buffer): Header {
  const format = bytes[0];
  if (format !== FORMAT && format !== FORMAT_EXPIRES) {
    throw new Error(`the table holds a value of unknown format ${String(format)}`);
  }
  const version = bytes.readDoubleBE(1);
  return format === FORMAT
    ? { version, expiresAt: undefined, end: HEADER_BYTES }
    : { version, expiresAt: bytes.readDoubleBE(HEADER_BYTES), end: HEADER_BYTES + EXPIRY_BYTES };
}

/** The item stored as `bytes`; undefined once it has expired. `now` is epoch seconds. */
export function decodeItem(key: Key, bytes: Buffer, now: number): Item | undefined {
  const header = decodeHeader(bytes);
  if (isExpired(header.expiresAt, now)) return undefined;
  const { pk, sk } = key;
  const { version, expiresAt, end } = header;
  const value = bytes.subarray(end);
  return expiresAt === undefined ? { pk, sk, version, value } : { pk, sk, version, value, expiresAt };
}

/** True past `expiresAt`; both are epoch seconds. */
export function isExpired(expiresAt: number | undefined, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

// eslint-disable-next-line no-control-regex -- the two bytes that the separator needs for itself
const RESERVED = /[\u0000\u0001]/g;
// eslint-disable-next-line no-control-regex -- their escaped forms
const ESCAPED = /\u0001[\u0001\u0002]/g;

function escapePartition(pk: string): string {
  if (!pk.includes('\u0000') && !pk.includes('\u0001')) return pk;
  return pk.replace(RESERVED, (byte) => (byte === '\u0000' ? '\u0001\u0001' : '\u0001\u0002'));
}

function unescapePartition(pk: string): string {
  return pk.replace(ESCAPED, (pair) => (pair === '\u0001\u0001' ? '\u0000' : '\u0001'));
}

import { createHmac, hash } from 'node:crypto';

/** Characters kept of a hash in base64url: 132 bits, far from any collision among a tenant's identifiers and messages. */
const HASH_CHARS = 22;
/** SHA-256's block and digest, in bytes. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** UTF-16 units of texts that are hashed in place; longer ones are rare, and their hashing is no overhead. */
const TEXT_MAX = 4_096;
/** UTF-8 takes at most so many bytes for a UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/** The key's block with every byte crossed with the pad. */
function padded(key: Uint8Array, pad: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(key);
  return block.map((byte) => byte ^ pad) as Buffer;
}

/**
 * HMAC-SHA-256 (RFC 2104) under a key of at most a block, cut to 22 characters of base64url. Made of two one-shot hashes over
 * prepared blocks, since the objects of `createHmac` cost thrice what the hashing does.
 */
export function keyedHash(key: Uint8Array): (text: string) => string {
  if (key.length > BLOCK_BYTES) throw new RangeError(`a key of ${key.length} bytes is longer than a block`);
  const inner = Buffer.concat([padded(key, 0x36), Buffer.alloc(TEXT_MAX * BYTES_PER_UNIT)]);
  const outer = Buffer.concat([padded(key, 0x5c), Buffer.alloc(DIGEST_BYTES)]);
  return (text) => {
    if (text.length > TEXT_MAX)
      return createHmac('sha256', key).update(text).digest('base64url').slice(0, HASH_CHARS);
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES);
    // A digest as Latin-1 text takes no buffer of its own, the costly part of a short hash.
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha256', outer, 'base64url').slice(0, HASH_CHARS);
  };
}

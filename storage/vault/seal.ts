import { createCipheriv, createDecipheriv } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { KeyGone } from '../errors.ts';
import { fillRandom } from '../random.ts';
import { DICTIONARY_1 } from './dictionary.ts';

/** A 256-bit key and four public bytes that tell what was sealed under it from what was not. */
export interface SealKey {
  readonly bytes: Uint8Array;
  readonly tag: Uint8Array;
}

const FORMAT_PLAIN = 1;
/** Raw deflate with `DICTIONARY_1`. */
const FORMAT_DEFLATE_1 = 2;
const TAG_BYTES = 4;
const IV_BYTES = 12;
const AUTH_BYTES = 16;
const HEAD_BYTES = 1 + TAG_BYTES + IV_BYTES;
/**
 * Bytes from which deflating is worth its time: what is smaller fits the store's smallest billed unit (1 KB) as it is,
 * with its key and attributes.
 */
const DEFLATE_FROM_BYTES = 840;
/** Bytes up to which the time of deflating is that of setting it up. */
const DEFLATE_SMALL_BYTES = 4_096;
/** A window of 8 KB holds the dictionary and what is small, and is set up sooner; less searching makes it a twelfth larger. */
const SMALL = { dictionary: DICTIONARY_1, windowBits: 13, memLevel: 5, level: 3 };
const LARGE = { dictionary: DICTIONARY_1 };
/** Bytes that sealing adds: format, key tag, IV and authentication tag. */
export const SEAL_OVERHEAD_BYTES = HEAD_BYTES + AUTH_BYTES;
/** A bomb inside a sealed value would need the key; the bound is for damaged memory and bugs. */
const INFLATED_BYTES_MAX = 64_000_000;

/**
 * AES-256-GCM with a random 96-bit IV. `aad` must say what the bytes are and whose, so that they open nowhere else.
 * With `compress`, deflates first where that saves space that counts.
 */
export function seal(
  key: SealKey,
  bytes: Uint8Array,
  aad: string,
  options: { readonly compress?: boolean } = {},
): Uint8Array {
  let format = FORMAT_PLAIN;
  let body = bytes;
  if (options.compress === true && bytes.length >= DEFLATE_FROM_BYTES) {
    const deflated = deflateRawSync(bytes, bytes.length <= DEFLATE_SMALL_BYTES ? SMALL : LARGE);
    if (deflated.length < bytes.length) {
      body = deflated;
      format = FORMAT_DEFLATE_1;
    }
  }
  const out = Buffer.allocUnsafe(SEAL_OVERHEAD_BYTES + body.length);
  out[0] = format;
  out.set(key.tag, 1);
  fillRandom(out, 1 + TAG_BYTES, IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, out.subarray(1 + TAG_BYTES, HEAD_BYTES));
  cipher.setAAD(Buffer.from(aad));
  // GCM is a stream: one update gives every byte and `final` none.
  out.set(cipher.update(body), HEAD_BYTES);
  cipher.final();
  out.set(cipher.getAuthTag(), HEAD_BYTES + body.length);
  return out;
}

/** True where the bytes say that they were sealed under this key; they may still have been tampered with. */
export function sealedUnder(key: SealKey, sealed: Uint8Array): boolean {
  for (let i = 0; i < TAG_BYTES; i++) if (sealed[1 + i] !== key.tag[i]) return false;
  return sealed.length >= SEAL_OVERHEAD_BYTES;
}

/** Reverses `seal`. Throws `KeyGone` for another key, another `aad`, or changed bytes. */
export function open(key: SealKey, sealed: Uint8Array, aad: string): Uint8Array {
  const format = sealed[0];
  if (!sealedUnder(key, sealed) || (format !== FORMAT_PLAIN && format !== FORMAT_DEFLATE_1)) {
    throw new KeyGone('the bytes were not sealed under this key');
  }
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, sealed.subarray(1 + TAG_BYTES, HEAD_BYTES));
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(sealed.subarray(sealed.length - AUTH_BYTES));
  const body = decipher.update(sealed.subarray(HEAD_BYTES, sealed.length - AUTH_BYTES));
  try {
    decipher.final();
  } catch (error) {
    throw new KeyGone('the bytes were not sealed here, or were changed since', { cause: error });
  }
  if (format === FORMAT_PLAIN) return body;
  return inflateRawSync(body, { dictionary: DICTIONARY_1, maxOutputLength: INFLATED_BYTES_MAX });
}

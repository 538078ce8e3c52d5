import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KeyGone } from './errors.ts';

/** Bytes of every data key and key-encryption key: AES-256. */
export const KEY_BYTES = 32;

const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 2;

/**
 * Wraps `plaintext` under an epoch's key-encryption key by AES-256-GCM: a format byte, the epoch's length and name, a
 * random IV, the ciphertext, the tag. The epoch and `context` are authenticated with it.
 */
export function wrap(plaintext: Uint8Array, epoch: string, kek: Uint8Array, context: string): Buffer {
  const name = Buffer.from(epoch);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', kek, iv).setAAD(associated(epoch, context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.of(FORMAT, name.length), name, iv, body, cipher.getAuthTag()]);
}

/** The epoch that wrapped bytes say they are under. Throws `KeyGone` where they are no wrapped key. */
export function epochOf(wrapped: Uint8Array): string {
  const length = wrapped[1] ?? 0;
  const whole = HEADER_BYTES + length + IV_BYTES + TAG_BYTES;
  if (wrapped[0] !== FORMAT || length === 0 || wrapped.length < whole) {
    throw new KeyGone('these bytes are not a wrapped key');
  }
  return Buffer.from(wrapped.subarray(HEADER_BYTES, HEADER_BYTES + length)).toString('utf8');
}

/** Undoes `wrap`. Throws `KeyGone` for another context, another key, or changed bytes. */
export function unwrap(wrapped: Uint8Array, kek: Uint8Array, context: string): Buffer {
  const epoch = epochOf(wrapped);
  const ivAt = HEADER_BYTES + Buffer.byteLength(epoch);
  const iv = wrapped.subarray(ivAt, ivAt + IV_BYTES);
  const body = wrapped.subarray(ivAt + IV_BYTES, wrapped.length - TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', kek, iv, { authTagLength: TAG_BYTES })
    .setAAD(associated(epoch, context))
    .setAuthTag(wrapped.subarray(wrapped.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch (cause) {
    throw new KeyGone('this key was wrapped under another key or context, or was changed', { cause });
  }
}

function associated(epoch: string, context: string): Buffer {
  return Buffer.from(`${epoch}|${context}`);
}

import { KeyGone } from '../errors.ts';
import { encodeJson, jsonOf } from '../json.ts';
import type { SealKey } from './seal.ts';
import { open, seal } from './seal.ts';

/** How a fragment's key is stored: wrapped under the key of an epoch. */
export interface WrappedKey {
  readonly epoch: string;
  readonly subject: string;
  readonly wrapped: Uint8Array;
}

const SCHEMA = 1;

function aad(tenant: string, fragment: string): string {
  return `${tenant}|${fragment}|key|${String(SCHEMA)}`;
}

/** Encrypts a fragment's key under an epoch's key. */
export function wrapKey(tenant: string, fragment: string, key: Uint8Array, under: SealKey): Uint8Array {
  return seal(under, key, aad(tenant, fragment));
}

/** Reverses `wrapKey`. Throws `KeyGone`. */
export function unwrapKey(tenant: string, fragment: string, wrapped: Uint8Array, under: SealKey): Uint8Array {
  return open(under, wrapped, aad(tenant, fragment));
}

/** The stored bytes of a wrapped key. */
export function encodeWrapped(key: WrappedKey): Uint8Array {
  return encodeJson([SCHEMA, key.epoch, key.subject, Buffer.from(key.wrapped).toString('base64')]);
}

/** Reads the stored bytes. Throws `KeyGone` where they are not a wrapped key. */
export function decodeWrapped(bytes: Uint8Array): WrappedKey {
  const value = jsonOf(bytes);
  if (!Array.isArray(value) || value[0] !== SCHEMA) throw new KeyGone('the stored key is of an unknown form');
  const [, epoch, subject, wrapped] = value;
  if (typeof epoch !== 'string' || typeof subject !== 'string' || typeof wrapped !== 'string') {
    throw new KeyGone('the stored key is damaged');
  }
  return { epoch, subject, wrapped: Buffer.from(wrapped, 'base64') };
}

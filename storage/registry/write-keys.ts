import { hash, randomBytes } from 'node:crypto';
import { InvalidConfig } from './errors.ts';

const KEY_BYTES = 24;
const GIVEN_KEY = /^[A-Za-z0-9_.-]{8,128}$/;

/** A new write key: 192 random bits, base64url. */
export function newWriteKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

/** How a write key is stored: it is random, so a plain digest can't be turned back. */
export function hashWriteKey(key: string): string {
  return hash('sha256', key);
}

/** Checks a key that the caller brings. Throws `InvalidConfig`. */
export function checkWriteKey(key: string): string {
  if (!GIVEN_KEY.test(key)) {
    throw new InvalidConfig(
      'writeKey',
      'must be 8 to 128 letters, digits, "-", "_" or "."; leave it out for a random one',
    );
  }
  return key;
}

import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { keyedHash } from '../../storage/keyed-hash.ts';

describe('keyed hash', () => {
  it('is the start of HMAC-SHA-256 for any text, whatever was hashed before', () => {
    const key = randomBytes(32);
    const hash = keyedHash(key);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 5_000, size: 'max' }), (text) => {
        const expected = createHmac('sha256', key).update(text).digest('base64url').slice(0, 22);
        assert.equal(hash(text), expected);
      }),
    );
    const long = 'é'.repeat(4_097);
    assert.equal(hash(long), createHmac('sha256', key).update(long).digest('base64url').slice(0, 22));
    const full = '€'.repeat(4_096);
    assert.equal(hash(full), createHmac('sha256', key).update(full).digest('base64url').slice(0, 22));
  });

  it('gives other keys other hashes, and refuses a key that is no block', () => {
    assert.notEqual(keyedHash(randomBytes(32))('a'), keyedHash(randomBytes(32))('a'));
    assert.throws(() => keyedHash(randomBytes(65)), RangeError);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { createKeyCache } from '../../../storage/vault/key-cache.ts';
import type { FragmentKey } from '../../../storage/vault/types.ts';

const bytes = (length: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));

const aKey: fc.Arbitrary<FragmentKey> = fc.record({
  bytes: bytes(32),
  tag: bytes(4),
  subject: bytes(16).map((random) => random.toString('base64url')),
});

const plain = ({ bytes: key, tag, subject }: FragmentKey): unknown[] => [[...key], [...tag], subject];

describe('the cache of keys', () => {
  it('answers each key as it was set, at any time of day, for a minute at most', () => {
    const hours = fc.nat({ max: 24 * 365 });
    fc.assert(
      fc.property(aKey, aKey, hours, fc.integer({ min: 0, max: 99 }), (one, other, uptime, within) => {
        let now = Date.UTC(2026, 0, 1);
        const cache = createKeyCache({ max: 10, ttlMs: 60_000, now: () => now });
        now += uptime * 3_600_000 + within;
        cache.set('one', one);
        cache.set('other', other);
        now += 59_800;
        for (const [name, key] of Object.entries({ one, other })) {
          const kept = cache.get(name);
          assert.ok(kept);
          assert.deepEqual(plain(kept), plain(key));
        }
        now += 200;
        assert.equal(cache.get('one'), undefined);
      }),
    );
  });

  it('lets go of a key after its minute, though the clock was set back within it', () => {
    let now = Date.UTC(2026, 0, 1);
    const cache = createKeyCache({ max: 10, ttlMs: 60_000, now: () => now });
    const [key] = fc.sample(aKey, 1);
    assert.ok(key);
    now += 30_000;
    cache.set('one', key);
    now -= 3_600_000;
    assert.ok(cache.get('one'));
    now += 60_000;
    assert.equal(cache.get('one'), undefined);
  });

  it('forgets a key that was destroyed', () => {
    const cache = createKeyCache({ max: 10, ttlMs: 60_000, now: () => 0 });
    const [key] = fc.sample(aKey, 1);
    assert.ok(key);
    cache.set('one', key);
    cache.delete('one');
    assert.equal(cache.get('one'), undefined);
  });
});

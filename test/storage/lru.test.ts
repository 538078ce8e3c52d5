import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { createLru } from '../../storage/lru.ts';

describe('the bounded cache', () => {
  it('lets go of what was not read', () => {
    const cache = createLru<number>({ max: 4, ttlMs: Infinity, now: () => 0 });
    for (const [at, key] of ['a', 'b', 'c'].entries()) cache.set(key, at);
    assert.equal(cache.get('a'), 0);
    cache.set('d', 3);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((key) => cache.get(key)),
      [0, undefined, 2, 3],
    );
  });

  it('holds no more than it may, and the half of that which was read or set last, at its last value', () => {
    const step = fc.tuple(fc.boolean(), fc.nat({ max: 15 }));
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10 }), fc.array(step, { maxLength: 100 }), (max, steps) => {
        const cache = createLru<number>({ max, ttlMs: Infinity, now: () => 0 });
        const values = new Map<string, number>();
        /** Keys by when they were last read or set, the latest last. */
        const touched = new Set<string>();
        for (const [at, [isRead, nth]] of steps.entries()) {
          const key = `k${nth}`;
          const found = cache.get(key);
          assert.ok(found === undefined || found === values.get(key));
          if (isRead && found === undefined) continue;
          if (!isRead) {
            cache.set(key, at);
            values.set(key, at);
          }
          touched.delete(key);
          touched.add(key);
        }
        const latestFirst = [...touched].reverse();
        const kept = latestFirst.filter((key) => cache.get(key) !== undefined);
        assert.ok(kept.length <= max);
        const last = latestFirst.slice(0, max >> 1);
        assert.deepEqual(kept.slice(0, last.length), last);
      }),
    );
  });

  it('forgets what is older than its time, however often it was read', () => {
    let now = 0;
    const cache = createLru<number>({ max: 4, ttlMs: 10, now: () => now });
    cache.set('a', 1);
    now = 9;
    assert.equal(cache.get('a'), 1);
    now = 10;
    assert.equal(cache.get('a'), undefined);
  });

  it('keeps nothing where it may keep nothing', () => {
    const cache = createLru<number>({ max: 0, ttlMs: Infinity, now: () => 0 });
    cache.set('a', 1);
    assert.equal(cache.get('a'), undefined);
  });
});

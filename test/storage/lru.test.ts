import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createLru } from '../../storage/lru.ts';

describe('the bounded cache', () => {
  it('holds no more than it may, and lets go of what was not read', () => {
    const cache = createLru<number>({ max: 3, ttlMs: Infinity, now: () => 0 });
    for (const [at, key] of ['a', 'b', 'c'].entries()) cache.set(key, at);
    assert.equal(cache.get('a'), 0);
    cache.set('d', 3);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((key) => cache.get(key)),
      [0, undefined, 2, 3],
    );
  });

  it('makes room even where all was read, and for a value that is set again needs none', () => {
    const cache = createLru<number>({ max: 20, ttlMs: Infinity, now: () => 0 });
    const keys = Array.from({ length: 20 }, (_, at) => `k${at}`);
    for (const key of keys) cache.set(key, 1);
    for (const key of keys) cache.get(key);
    cache.set('k0', 2);
    assert.equal(keys.filter((key) => cache.get(key) !== undefined).length, 20);
    cache.set('new', 1);
    assert.equal(cache.get('new'), 1);
    assert.equal(keys.filter((key) => cache.get(key) !== undefined).length, 19);
  });

  it('forgets what is older than its time, however often it was read', () => {
    let now = 0;
    const cache = createLru<number>({ max: 3, ttlMs: 10, now: () => now });
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

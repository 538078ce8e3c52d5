import assert from 'node:assert/strict';
import { KeyGone } from '../../storage/errors.ts';
import { epochOf } from '../../storage/epochs.ts';
import type { Keys } from '../../storage/ports.ts';
import type { StorageSet, TestStorage } from '../support/storage-sets.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What every `Keys` does, whatever they are made of. */
export function keysContract(set: StorageSet): void {
  describe(`keys, ${set.name}`, () => {
    let storage: TestStorage;
    let keys: Keys;

    before(async function () {
      this.timeout(120_000);
      storage = await set.open();
      keys = storage.master;
    });
    after(async () => storage.close());

    it('gives a different key of 32 bytes each time, and unwraps it again', async () => {
      const [a, b] = [await keys.generate('x'), await keys.generate('x')];
      assert.equal(a.plaintext.length, 32);
      assert.notEqual(hex(a.plaintext), hex(b.plaintext));
      assert.equal(hex(await keys.unwrap(a.wrapped, 'x')), hex(a.plaintext));
      assert.ok(!hex(a.wrapped).includes(hex(a.plaintext)));
    });

    it('does not unwrap under another context', async () => {
      const { wrapped } = await keys.generate('fragment 1');
      await assert.rejects(keys.unwrap(wrapped, 'fragment 2'), KeyGone);
    });

    it('does not unwrap changed or foreign bytes', async () => {
      const { wrapped } = await keys.generate('x');
      for (let i = 0; i < wrapped.length; i += 1) {
        const changed = Buffer.from(wrapped);
        changed[i] = (changed[i] ?? 0) ^ 1;
        await assert.rejects(keys.unwrap(changed, 'x'), KeyGone, `byte ${i}`);
      }
      await assert.rejects(keys.unwrap(new Uint8Array(), 'x'), KeyGone);
      await assert.rejects(keys.unwrap(wrapped.subarray(0, 20), 'x'), KeyGone);
    });

    it('unwraps what another opening of the same place has generated, and has the same secrets', async () => {
      const other = await storage.reopen();
      try {
        const { plaintext, wrapped } = await other.master.generate('x');
        assert.equal(hex(await keys.unwrap(wrapped, 'x')), hex(plaintext));
        assert.equal(hex(await other.master.indexKey('messages')), hex(await keys.indexKey('messages')));
      } finally {
        await other.close();
      }
    });

    it('has one secret a purpose, and others for another storage', async () => {
      const [a, again, b] = await Promise.all(['a', 'a', 'b'].map((purpose) => keys.indexKey(purpose)));
      assert.equal(a!.length, 32);
      assert.equal(hex(a!), hex(again!));
      assert.notEqual(hex(a!), hex(b!));
      const foreign = await set.open();
      try {
        assert.notEqual(hex(await foreign.master.indexKey('a')), hex(a!));
        const { wrapped } = await keys.generate('x');
        await assert.rejects(foreign.master.unwrap(wrapped, 'x'), KeyGone);
      } finally {
        await foreign.close();
      }
    });

    it('agrees on keys and secrets among openings that start at once', async () => {
      const fresh = await set.open();
      const others = await Promise.all(Array.from({ length: 4 }, () => fresh.reopen()));
      try {
        const secrets = await Promise.all(others.map((other) => other.master.indexKey('a')));
        assert.equal(new Set(secrets.map(hex)).size, 1);
        const made = await Promise.all(others.map((other) => other.master.generate('x')));
        for (const { plaintext, wrapped } of made) {
          assert.equal(hex(await fresh.master.unwrap(wrapped, 'x')), hex(plaintext));
        }
      } finally {
        await Promise.all(others.map((other) => other.close()));
        await fresh.close();
      }
    });

    it('makes every key of a destroyed epoch unreadable for good, and goes on under a new one', async () => {
      const old = await keys.generate('x');
      const epoch = epochOf(old.wrapped);
      await keys.destroy(epoch);
      await assert.rejects(keys.unwrap(old.wrapped, 'x'), KeyGone);
      const fresh = await keys.generate('x');
      assert.notEqual(epochOf(fresh.wrapped), epoch);
      assert.equal(hex(await keys.unwrap(fresh.wrapped, 'x')), hex(fresh.plaintext));
      const other = await storage.reopen();
      try {
        await assert.rejects(other.master.unwrap(old.wrapped, 'x'), KeyGone);
      } finally {
        await other.close();
      }
      await keys.destroy(epoch);
      await keys.destroy('999');
      await keys.destroy('no/such epoch');
    });
  });
}

import assert from 'node:assert/strict';
import { StorageError } from '../../storage/errors.ts';
import type { Blobs } from '../../storage/ports.ts';
import type { StorageSet, TestStorage } from '../support/storage-sets.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString();

/** What every `Blobs` does, whatever they are made of. */
export function blobsContract(set: StorageSet): void {
  describe(`blobs, ${set.name}`, () => {
    let storage: TestStorage;
    let blobs: Blobs;

    before(async function () {
      this.timeout(120_000);
      storage = await set.open();
      blobs = storage.blobs;
    });
    after(async () => storage.close());

    it('answers the bytes that were put', async () => {
      const all = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
      assert.equal(await blobs.put('a/all', all), true);
      assert.equal(await blobs.put('a/empty', new Uint8Array()), true);
      assert.deepEqual(Buffer.from((await blobs.get('a/all'))!), Buffer.from(all));
      assert.equal((await blobs.get('a/empty'))?.length, 0);
    });

    it('answers undefined for what is absent', async () => {
      assert.equal(await blobs.get('none'), undefined);
      assert.equal(await blobs.get('none/deeper'), undefined);
      assert.equal(await blobs.getRange('none', 0, 5), undefined);
      assert.deepEqual(await blobs.list('none/'), []);
    });

    it('replaces what has the key, unless told to put only where absent', async () => {
      assert.equal(await blobs.put('b/1', bytes('one'), { ifAbsent: true }), true);
      assert.equal(await blobs.put('b/1', bytes('two'), { ifAbsent: true }), false);
      assert.equal(text(await blobs.get('b/1')), 'one');
      assert.equal(await blobs.put('b/1', bytes('three')), true);
      assert.equal(text(await blobs.get('b/1')), 'three');
    });

    it('lets exactly one of many writers at once have an absent key', async () => {
      const won = await Promise.all(
        Array.from({ length: 8 }, (_, i) => blobs.put('b/2', bytes(String(i)), { ifAbsent: true })),
      );
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal(text(await blobs.get('b/2')), String(won.indexOf(true)));
    });

    it('answers a range of bytes, as far as there are any', async () => {
      await blobs.put('c', bytes('0123456789'));
      assert.equal(text(await blobs.getRange('c', 2, 5)), '234');
      assert.equal(text(await blobs.getRange('c', 8, 50)), '89');
      assert.equal(text(await blobs.getRange('c', 4, 4)), '');
      assert.equal(text(await blobs.getRange('c', 20, 30)), '');
    });

    it('lists keys in the order of their bytes, under a prefix, after a key, up to a limit', async () => {
      const keys = ['l/a', 'l/a!', 'l/a/b', 'l/a/b/c', 'l/a0', 'l/b', 'l/é', 'l/B', 'l/a-b/1', 'm/1', 'l2'];
      for (const key of keys) await blobs.put(key, bytes(key));
      const ordered = keys
        .filter((key) => key.startsWith('l/'))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      assert.deepEqual(await blobs.list('l/'), ordered);
      assert.deepEqual(
        await blobs.list('l/a'),
        ordered.filter((key) => key.startsWith('l/a')),
      );
      assert.deepEqual(await blobs.list('l/a/'), ['l/a/b', 'l/a/b/c']);
      for (let i = 0; i < ordered.length; i += 1) {
        assert.deepEqual(await blobs.list('l/', { after: ordered[i]! }), ordered.slice(i + 1));
      }
      assert.deepEqual(await blobs.list('l/', { after: 'l/a/', limit: 2 }), ['l/a/b', 'l/a/b/c']);
      assert.deepEqual(await blobs.list('l/', { limit: 0 }), []);
      assert.ok((await blobs.list('')).includes('m/1'));
    });

    it('keeps a key and what lies below it apart', async () => {
      await blobs.put('d', bytes('key'));
      await blobs.put('d/e', bytes('below'));
      await blobs.delete('d');
      assert.equal(await blobs.get('d'), undefined);
      assert.equal(text(await blobs.get('d/e')), 'below');
    });

    it('deletes, and deletes what is absent without complaint', async () => {
      await blobs.put('e/1', bytes('x'));
      await blobs.delete('e/1');
      await blobs.delete('e/1');
      await blobs.delete('e/none/at/all');
      assert.equal(await blobs.get('e/1'), undefined);
      assert.equal(await blobs.put('e/1', bytes('again'), { ifAbsent: true }), true);
    });

    it('refuses a key with an empty part', async () => {
      for (const key of ['', '/x', 'x/', 'x//y']) {
        await assert.rejects(
          async () => blobs.put(key, bytes('x')),
          (error) => error instanceof StorageError && error.code === 'invalid-key',
          key,
        );
      }
    });

    it('keeps what another opening of the same place has put', async () => {
      await blobs.put('f/1', bytes('here'));
      const other = await storage.reopen();
      try {
        assert.equal(text(await other.blobs.get('f/1')), 'here');
        assert.equal(await other.blobs.put('f/1', bytes('there'), { ifAbsent: true }), false);
      } finally {
        await other.close();
      }
    });

    it('counts puts, gets and bytes', async () => {
      const before = storage.meter.read();
      await blobs.put('g', bytes('12345'));
      await blobs.get('g');
      const after = storage.meter.read();
      const grown = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
      assert.deepEqual(
        ['blobs.puts', 'blobs.put.bytes', 'blobs.gets', 'blobs.get.bytes'].map(grown),
        [1, 5, 1, 5],
      );
    });
  });
}

import assert from 'node:assert/strict';
import { KeyGone } from '../../../storage/errors.ts';
import { open, seal, SEAL_OVERHEAD_BYTES, sealedUnder } from '../../../storage/vault/seal.ts';
import { createVault } from '../../../storage/vault/vault.ts';
import { storageSets } from '../../support/storage-sets.ts';

const tenant = 'acme';
const fragments = (count: number): string[] => Array.from({ length: count }, (_, i) => `fragment-${i}`);

describe('seal', () => {
  const key = { bytes: new Uint8Array(32).fill(7), tag: Uint8Array.of(1, 2, 3, 4) };
  const text = Buffer.from('{"userAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"}'.repeat(20));

  it('opens what it sealed, compressed or not, and never gives the same bytes twice', () => {
    for (const compress of [true, false]) {
      const sealed = seal(key, text, 'a|b', { compress });
      assert.deepEqual(Buffer.from(open(key, sealed, 'a|b')), text);
      assert.notDeepEqual(seal(key, text, 'a|b', { compress }), sealed);
    }
    assert.ok(seal(key, text, 'a', { compress: true }).length < 100);
    assert.equal(seal(key, text, 'a').length, text.length + SEAL_OVERHEAD_BYTES);
    const noise = Uint8Array.of(200, 3);
    assert.equal(seal(key, noise, 'a', { compress: true }).length, 2 + SEAL_OVERHEAD_BYTES);
    assert.deepEqual(open(key, seal(key, new Uint8Array(), 'a'), 'a').length, 0);
  });

  it('refuses another place, another key, and any changed byte', () => {
    const sealed = seal(key, text, 'a|b', { compress: true });
    assert.throws(() => open(key, sealed, 'a|c'), KeyGone);
    const other = { bytes: new Uint8Array(32).fill(8), tag: Uint8Array.of(1, 2, 3, 5) };
    assert.equal(sealedUnder(other, sealed), false);
    assert.throws(() => open(other, sealed, 'a|b'), KeyGone);
    assert.throws(() => open({ ...other, tag: key.tag }, sealed, 'a|b'), KeyGone);
    for (let i = 0; i < sealed.length; i++) {
      const changed = Uint8Array.from(sealed);
      changed[i] = (changed[i] ?? 0) ^ 1;
      if (i === 0) changed[0] = 9;
      assert.throws(() => open(key, changed, 'a|b'), KeyGone, `byte ${i}`);
    }
    assert.throws(() => open(key, sealed.subarray(0, 20), 'a|b'), KeyGone);
  });
});

for (const set of storageSets) {
  describe(`vault on ${set.name}`, function () {
    this.timeout(60_000);
    let storage: Awaited<ReturnType<typeof set.open>>;
    beforeEach(async () => {
      storage = await set.open();
    });
    afterEach(() => storage.close());

    it('creates keys once, hundreds at a time, and another process adopts them', async () => {
      const names = fragments(250);
      const [a, b] = [createVault({ tenant, storage }), createVault({ tenant, storage })];
      assert.deepEqual(await a.keys(['fragment-1']), [undefined]);
      await a.ensureKeys(['fragment-3', 'fragment-130']);
      const [ours, theirs] = await Promise.all([a.ensureKeys(names), b.ensureKeys(names)]);
      const read = await createVault({ tenant, storage }).keys(names);
      for (const [i, key] of read.entries()) {
        assert.deepEqual(Buffer.from(key!.bytes), Buffer.from(ours[i]!.bytes));
        assert.deepEqual(Buffer.from(key!.bytes), Buffer.from(theirs[i]!.bytes));
        assert.equal(key?.subject, ours[i]?.subject);
      }
      assert.equal(new Set(read.map((key) => key?.subject)).size, names.length);
      assert.equal(new Set(read.map((key) => Buffer.from(key!.bytes).toString('hex'))).size, names.length);
    });

    it('forgets a destroyed key within a minute, and at once where told', async () => {
      let now = Date.now();
      const vault = createVault({ tenant, storage, now: () => now });
      await vault.ensureKeys(['f', 'g']);
      const gone = (name: string) => storage.keys.write([{ kind: 'delete', pk: `k/${name}`, sk: 'key' }]);
      await Promise.all([gone('f'), gone('g')]);
      vault.evict('g');
      const [, g] = await vault.keys(['f', 'g']);
      assert.equal(g, undefined);
      now += 60_000;
      assert.deepEqual(await vault.keys(['f']), [undefined]);
    });

    it('reads a key of another fragment, or of a destroyed epoch, as none, and replaces it when asked to', async () => {
      const vault = createVault({ tenant, storage });
      const [first] = await vault.ensureKeys(['f']);
      const item = await storage.keys.get({ pk: 'k/f', sk: 'key' });
      await storage.keys.write([{ kind: 'put', pk: 'k/g', sk: 'key', version: 1, value: item!.value }]);
      assert.deepEqual(await vault.keys(['g']), [undefined]);
      const [replaced] = await vault.ensureKeys(['g']);
      assert.notEqual(replaced?.subject, first?.subject);
      const [read] = await createVault({ tenant, storage }).keys(['g']);
      assert.equal(read?.subject, replaced?.subject);
      const epoch = new Date().toISOString().slice(0, 7);
      await storage.keys.write([{ kind: 'delete', pk: `kek/${epoch}`, sk: 'key' }]);
      assert.deepEqual(await createVault({ tenant, storage }).keys(['f', 'g']), [undefined, undefined]);
    });

    it('has one tenant key for each purpose, the same for every process', async () => {
      const vaults = [0, 1, 2].map(() => createVault({ tenant, storage }));
      const keys = await Promise.all(vaults.map((vault) => vault.tenantKey('payloads')));
      const hex = keys.map((key) => Buffer.from(key).toString('hex'));
      assert.equal(new Set(hex).size, 1);
      assert.equal(hex[0]?.length, 64);
      assert.notDeepEqual(await vaults[0]!.tenantKey('intake'), keys[0]);
      await assert.rejects(createVault({ tenant: 'other', storage }).tenantKey('payloads'), KeyGone);
    });
  });
}

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { BUILT_IN_MAPPINGS } from '../../../domain/mapping/built-in.ts';
import { ConditionFailed } from '../../../storage/errors.ts';
import { InvalidConfig } from '../../../storage/registry/errors.ts';
import { createRegistry } from '../../../storage/registry/registry.ts';
import type { Registry } from '../../../storage/registry/types.ts';
import type { Storage } from '../../../storage/ports.ts';
import { createVault } from '../../../storage/vault/vault.ts';
import { storageSets } from '../../support/storage-sets.ts';

const tenant = 'acme';
const web = { name: 'web', kind: 'web', mapping: 'segment' } as const;
const tickets = {
  name: 'tickets',
  description: 'Tickets of the help desk',
  kind: 'record',
  record: { type: 'track', identifiers: { email: { path: 'email' } } },
} as const;

function open(storage: Storage, now?: () => number): Registry {
  return createRegistry({ tenant, storage, vault: createVault({ tenant, storage }), ...(now && { now }) });
}

const names = (field: string) => (error: unknown) => error instanceof InvalidConfig && error.field === field;

for (const set of storageSets) {
  describe(`registry on ${set.name}`, function () {
    this.timeout(60_000);
    let storage: Awaited<ReturnType<typeof set.open>>;
    let registry: Registry;
    beforeEach(async () => {
      storage = await set.open();
      registry = open(storage);
    });
    afterEach(() => storage.close());

    it('keeps sources with their write keys hashed, and shows a key once', async () => {
      const { source, writeKey } = await registry.addSource(web);
      assert.match(writeKey, /^[A-Za-z0-9_-]{32}$/);
      assert.deepEqual(source.writeKeyHashes, [createHash('sha256').update(writeKey).digest('hex')]);
      assert.deepEqual(await open(storage).source('web'), source);
      assert.deepEqual(await open(storage).sources(), [source]);
      assert.equal(await registry.source('pos'), undefined);
      await assert.rejects(registry.addSource(web), ConditionFailed);
      for await (const item of storage.log.scan('cfg/')) {
        assert.ok(!Buffer.from(item.value).includes('segment'));
      }
    });

    it('refuses what a source can not be, naming the field', async () => {
      await assert.rejects(registry.addSource({ ...web, name: 'Web/..' }), names('source'));
      await assert.rejects(registry.addSource({ ...web, mapping: 'nothing' }), names('mapping'));
      await assert.rejects(registry.addSource({ ...web, lanes: 0 }), names('lanes'));
      await assert.rejects(registry.addSource({ ...web, writeKey: 'short' }), names('writeKey'));
      await assert.rejects(registry.setLanes('web', 2), names('source'));
    });

    it('rotates keys with or without an overlap, and lets lanes only grow', async () => {
      const first = await registry.addSource({ ...web, writeKey: 'a-key-of-the-caller' });
      assert.equal(first.writeKey, 'a-key-of-the-caller');
      const second = await registry.rotateKey('web');
      assert.equal(second.source.writeKeyHashes.length, 2);
      assert.equal(second.source.writeKeyHashes[0], first.source.writeKeyHashes[0]);
      const third = await registry.rotateKey('web', { revokeOld: true });
      assert.equal(third.source.writeKeyHashes.length, 1);
      assert.equal((await registry.setLanes('web', 4)).version, 4);
      await assert.rejects(registry.setLanes('web', 3), names('lanes'));
    });

    it('keeps thresholds of a source, each in its range, until they are the default again', async () => {
      await registry.addSource(web);
      await registry.setThresholds('web', { silentHours: 48, quarantinedShare: 0.1 });
      const kept = await open(storage).source('web');
      assert.deepEqual([kept?.thresholds, kept?.version], [{ silentHours: 48, quarantinedShare: 0.1 }, 2]);
      await assert.rejects(registry.setThresholds('web', { quarantinedShare: 7 }), names('quarantinedShare'));
      const nonsense = { loudness: 1 } as Parameters<Registry['setThresholds']>[1];
      await assert.rejects(registry.setThresholds('web', nonsense), names('loudness'));
      const back = await registry.setThresholds('web', { silentHours: null, quarantinedShare: null });
      assert.equal('thresholds' in back, false);
    });

    it('applies every one of many changes made at the same time', async () => {
      await registry.addSource(web);
      const writers = [0, 1, 2, 3].map(() => open(storage));
      await Promise.all(writers.map((writer) => writer.rotateKey('web')));
      const source = await open(storage).source('web');
      assert.deepEqual([source?.version, source?.writeKeyHashes.length], [5, 5]);
      const stream = await storage.log.query({ pk: 'cfg/sources/web' });
      assert.equal(stream.length, 5);
    });

    it("shows another process's change after a second", async () => {
      let now = Date.now();
      const other = open(storage, () => now);
      assert.deepEqual(await other.sources(), []);
      await registry.addSource(web);
      assert.deepEqual(await other.sources(), []);
      now += 1_000;
      assert.equal((await other.sources()).length, 1);
    });

    it('keeps every version of a mapping, beside those that are built in', async () => {
      const one = await registry.putMapping(tickets);
      const two = await registry.putMapping({ ...tickets, description: 'Tickets, with more' });
      assert.deepEqual([one.version, two.version], [1, 2]);
      assert.deepEqual(await registry.mapping('tickets'), two);
      assert.deepEqual(await open(storage).mapping('tickets@1'), one);
      assert.equal(await registry.mapping('tickets@3'), undefined);
      assert.equal((await registry.mapping('segment@1'))?.kind, 'segment');
      assert.equal((await registry.mappings()).length, BUILT_IN_MAPPINGS.length + 1);
      await assert.rejects(registry.putMapping({ ...tickets, name: 'segment' }), names('mapping'));
      const broken = { ...tickets, record: { ...tickets.record, type: 'shout' } };
      await assert.rejects(
        registry.putMapping(broken as unknown as typeof tickets),
        names('mapping.record.type'),
      );
    });

    it('starts with the default rules and policy, and gives each change of them a version', async () => {
      const { identity, fold, defaultCountry } = await registry.config();
      assert.equal(defaultCountry, undefined);
      const set = await registry.setConfig({ fold: { ...fold, summed: ['price'] }, defaultCountry: 'DE' });
      assert.deepEqual(set.fold, { ...fold, summed: ['price'], version: fold.version + 1 });
      assert.deepEqual(set.identity, identity);
      assert.deepEqual(await open(storage).config(), set);
    });
  });
}

import assert from 'node:assert/strict';
import { NO_COUNTS, type SyncManifest } from '../../../domain/sync/types.ts';
import { ConditionFailed } from '../../../storage/errors.ts';
import type { Storage } from '../../../storage/ports.ts';
import { InvalidConfig } from '../../../storage/registry/errors.ts';
import { createSyncStore } from '../../../storage/syncs/syncs.ts';
import type { SyncRequest, SyncRun, SyncStore } from '../../../storage/syncs/types.ts';
import { createVault } from '../../../storage/vault/vault.ts';
import { storageSets } from '../../support/storage-sets.ts';

const tenant = 'acme';
const SECRET = 'the-client-secret';
const request: SyncRequest = {
  vendor: 'salesforce',
  url: 'https://acme.my.salesforce.com/',
  auth: { kind: 'client-credentials', clientId: 'id', clientSecret: SECRET },
};
const run: SyncRun = {
  ...{ runId: '20260301T120000Z-1', source: 'crm', startedAt: '2026-03-01T12:00:00.000Z', step: 0 },
  ...{ streams: [], described: [], drift: [] },
};
const manifest = (runId: string): SyncManifest => ({
  ...{ runId, source: 'crm', vendor: 'salesforce', workflowId: 'w', startedAt: '', status: 'done' },
  ...{ ...NO_COUNTS, stored: 0, duplicates: 0, quarantined: 0 },
  ...{ stream: null, detail: null, streams: [], drift: [] },
});

function open(storage: Storage): SyncStore {
  return createSyncStore({ tenant, storage, vault: createVault({ tenant, storage }) });
}

for (const set of storageSets) {
  describe(`syncs on ${set.name}`, function () {
    this.timeout(60_000);
    let storage: Awaited<ReturnType<typeof set.open>>;
    let syncs: SyncStore;
    beforeEach(async () => {
      storage = await set.open();
      syncs = open(storage);
    });
    afterEach(() => storage.close());

    it('are removed with every secret that they ever had, but not what their runs did', async () => {
      const cursor = {
        stream: 'Contact',
        version: 0,
        value: { modified: '2026-03-01T00:00:00.000Z', recent: [] },
      };
      for (let version = 1; version <= 3; version++) await syncs.configure('crm', request);
      await syncs.configure('shop', request);
      await syncs.putTokens('crm', { config: 1, accessToken: SECRET }, 0);
      await syncs.begin(run);
      await syncs.record({ run, after: { ...run, step: 1 }, cursor });
      await syncs.putManifest(manifest('r1'));
      assert.equal(await syncs.remove('crm'), true);
      assert.equal(await syncs.remove('crm'), false, 'there is nothing left to remove');
      const again = open(storage);
      assert.equal(await again.config('crm'), undefined);
      assert.deepEqual(
        (await again.configs()).map(({ source }) => source),
        ['shop'],
      );
      assert.deepEqual(
        [await again.tokens('crm'), await again.cursors('crm')],
        [{ value: undefined, version: 0 }, new Map()],
      );
      const left = [];
      for await (const { pk, sk } of storage.log.scan('cfg/syncs')) left.push(`${pk} ${sk}`);
      assert.ok(left.length > 0 && left.every((key) => !key.includes('crm')), left.join());
      assert.equal((await again.manifest({ source: 'crm', runId: 'r1' }))?.status, 'done');
      assert.equal((await again.configure('crm', request)).version, 1, 'it can be set up anew');
    });

    it('keep their configuration with what is left out said, and no secret in clear', async () => {
      const config = await syncs.configure('crm', request);
      assert.deepEqual(
        [config.url, config.objects, config.mapping, config.overlap, config.deletions, config.version],
        [
          'https://acme.my.salesforce.com',
          ['Account', 'Contact', 'Opportunity'],
          'salesforce',
          'PT5M',
          true,
          1,
        ],
      );
      await syncs.putTokens('crm', { config: 1, accessToken: SECRET }, 0);
      assert.deepEqual(await open(storage).config('crm'), config);
      for (const table of [storage.log, storage.intake])
        for await (const item of table.scan('')) assert.ok(!Buffer.from(item.value).includes(SECRET));
    });

    it('refuse what can not be, naming the field', async () => {
      const names = (field: string) => (error: unknown) =>
        error instanceof InvalidConfig && error.field === field;
      for (const [field, wrong] of [
        ['url', { url: 'http://acme.example' }],
        ['url', { url: 'https://user:pass@acme.example' }],
        ['url', { url: 'https://acme.example/?next=1' }],
        ['auth.kind', { auth: { kind: 'token', token: 't' } }],
        ['auth.clientId', { auth: { kind: 'client-credentials', clientId: '', clientSecret: 's' } }],
        ['objects', { objects: ['Contact', 'Contact'] }],
        ['objects', { objects: ['Passwords'] }],
        ['fields.Contact', { objects: ['Contact'], fields: { Contact: ['Id FROM User--'] } }],
        ['overlap', { overlap: 'P2D' }],
      ] as const)
        await assert.rejects(syncs.configure('crm', { ...request, ...(wrong as object) }), names(field));
    });

    it('record a step once: run, cursor and batches together, or nothing of it', async () => {
      await syncs.begin(run);
      assert.deepEqual(await syncs.begin({ ...run, startedAt: 'later' }), run, 'the first is kept');
      const cursor = {
        stream: 'Contact',
        value: { modified: '2026-03-01T12:00:00.000Z', recent: [] },
        version: 0,
      };
      const step = { run, after: { ...run, step: 1 }, batchIds: ['b1', 'b2'], cursor };
      await syncs.record(step);
      await assert.rejects(syncs.record({ ...step, batchIds: ['b3'] }), ConditionFailed);
      assert.equal((await syncs.run(run))?.step, 1);
      assert.deepEqual(await syncs.batches(run), ['b1', 'b2']);
      const again = { run: { ...run, step: 1 }, after: { ...run, step: 2 }, cursor };
      await assert.rejects(syncs.record(again), ConditionFailed, 'another run has moved the cursor');
      assert.equal((await syncs.run(run))?.step, 1);
    });

    it('list manifests newest first, page by page', async () => {
      for (const id of ['20260301T1', '20260301T2', '20260301T3']) await syncs.putManifest(manifest(id));
      await syncs.putManifest({ ...manifest('20260301T2'), status: 'failed' });
      const first = await syncs.manifests('crm', { limit: 2 });
      assert.deepEqual(
        first.items.map(({ runId, status }) => `${runId} ${status}`),
        ['20260301T3 done', '20260301T2 failed'],
      );
      const rest = await syncs.manifests('crm', { limit: 2, cursor: first.cursor ?? '' });
      assert.deepEqual(
        rest.items.map(({ runId }) => runId),
        ['20260301T1'],
      );
      assert.equal(rest.cursor, null);
    });

    it('replace tokens only where nobody else did so first', async () => {
      await syncs.putTokens('crm', { config: 1, accessToken: 'a' }, 0);
      await assert.rejects(syncs.putTokens('crm', { config: 1, accessToken: 'b' }, 0), ConditionFailed);
      assert.equal((await syncs.tokens('crm')).value?.accessToken, 'a');
    });
  });
}

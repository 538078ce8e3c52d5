import assert from 'node:assert/strict';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { syncOptions } from '../../workflows/contract/start.ts';
import { SYNC_SOURCE_WORKFLOW, type SyncProgress } from '../../workflows/contract/sync-source.ts';
import { ownTenant, syncActivities } from '../activities/sync/runs.ts';
import { pumpAll, SOURCE, TENANT } from '../activities/tenant.ts';
import { skippingServer } from '../support/temporal.ts';
import { FakeHubspot, hubspotContact } from '../support/vendors/hubspot.ts';
import { withWorker } from './worker.ts';

const CONTACTS = 9;
const HOUR_MS = 3_600_000;
/** Refusals of an hour, each of which says to wait for two minutes. */
const REFUSALS = 30;
/** A tenth of what Temporal warns at, for a hundred times as many refusals would end a run otherwise. */
const HISTORY_EVENTS_MAX = 1_000;
const HISTORY_BYTES_MAX = 200_000;

describe('a sync whose vendor answers 429 for an hour', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async function () {
    this.timeout(240_000);
    environment = await skippingServer();
  });
  after(() => environment.teardown());

  it('waits as it is told and ends with all rows once, in a small history', async () => {
    const { store, close } = await ownTenant();
    const vendor = new FakeHubspot();
    await vendor.listen();
    try {
      const property = { name: 'email', type: 'string', hubspotDefined: true };
      vendor.properties.set('contacts', [property, { ...property, name: 'lastmodifieddate' }]);
      vendor.tokens.add('private-app');
      vendor.pageSize = 2;
      vendor.objects.set(
        'contacts',
        Array.from({ length: CONTACTS }, (_, n) => hubspotContact(n)),
      );
      await store.syncs.configure(SOURCE, {
        ...{ vendor: 'hubspot', url: vendor.url, objects: ['contacts'] },
        auth: { kind: 'token', token: 'private-app' },
      });
      const body = { status: 'error', errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' };
      for (let n = 0; n < REFUSALS; n++)
        vendor.faults.push({
          status: 429,
          headers: { 'retry-after': String(HOUR_MS / 1_000 / REFUSALS) },
          body,
        });
      const real = syncActivities(store);
      const activities: typeof real = {
        ...real,
        drainSync: async (input) => {
          await pumpAll(store);
          return real.drainSync(input);
        },
      };
      await withWorker(environment, activities, async () => {
        const { workflow } = environment.client;
        const began = await environment.currentTimeMs();
        const handle = await workflow.start(SYNC_SOURCE_WORKFLOW, syncOptions(TENANT, SOURCE));
        const { status, stored } = (await handle.result()) as SyncProgress;
        assert.deepEqual([status, stored], ['done', CONTACTS]);
        assert.ok((await environment.currentTimeMs()) - began >= HOUR_MS);
        const { events } = await handle.fetchHistory();
        const bytes = JSON.stringify(events).length;
        assert.ok((events?.length ?? Infinity) < HISTORY_EVENTS_MAX, `${events?.length} events`);
        assert.ok(bytes < HISTORY_BYTES_MAX, `${bytes} bytes`);
        assert.doesNotMatch(JSON.stringify(events), /private-app|person-0@/);
      });
      assert.equal(vendor.faults.length, 0);
      const { [SOURCE]: counted } = (await store.batches.counts()).sources;
      assert.deepEqual([counted?.stored, counted?.duplicates, counted?.quarantined], [CONTACTS, 0, 0]);
      for (let n = 0; n < CONTACTS; n++)
        assert.equal((await store.profiles.read(`email:person-${n}@example.com`))?.state.events, 1);
    } finally {
      await vendor.close();
      await close();
    }
  });
});

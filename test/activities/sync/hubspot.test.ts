import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/activity';
import type { SyncRequest } from '../../../storage/syncs/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { FakeHubspot, hubspotContact } from '../../support/vendors/hubspot.ts';
import { pumpAll, runActivity, SOURCE, TENANT } from '../tenant.ts';
import { ownTenant, readSteps, syncActivities, syncOnce } from './runs.ts';

const PROPERTIES = ['email', 'firstname', 'lastmodifieddate'].map((name) => ({
  ...{ name, type: 'string', hubspotDefined: true },
}));

describe('a sync of HubSpot', () => {
  let store: TenantStore;
  let close: () => Promise<void>;
  let vendor: FakeHubspot;
  beforeEach(async () => {
    ({ store, close } = await ownTenant());
    vendor = new FakeHubspot();
    await vendor.listen();
    vendor.properties.set('contacts', PROPERTIES);
    vendor.tokens.add('private-app');
    await configure();
  });
  afterEach(async () => {
    await vendor.close();
    await close();
  });

  const configure = (request: Partial<SyncRequest> = {}) =>
    store.syncs.configure(SOURCE, {
      ...{ vendor: 'hubspot', url: vendor.url, objects: ['contacts'] },
      auth: { kind: 'token', token: 'private-app' },
      ...request,
    });
  const counts = async () => (await store.batches.counts()).sources[SOURCE];
  const many = (count: number, modified?: string) =>
    Array.from({ length: count }, (_, n) => hubspotContact(n, modified));

  it('reads by modification, and skips none that another modification moves', async () => {
    vendor.pageSize = 3;
    const all = many(8);
    vendor.objects.set('contacts', all);
    let pages = 0;
    vendor.mangle = (page) => {
      pages += 1;
      // The first is modified while the second page is to come: every one after it moves up by one place.
      if (pages === 1)
        vendor.objects.set('contacts', [...all.slice(1), hubspotContact(0, '2026-03-01T13:00:00.000Z')]);
      return page;
    };
    await syncOnce(store);
    assert.deepEqual([(await counts())?.stored, (await counts())?.duplicates], [9, 0]);
  });

  it('reads more records of one moment than fit a page', async () => {
    vendor.pageSize = 3;
    vendor.objects.set('contacts', [
      ...many(8, '2026-03-01T12:00:00.000Z'),
      hubspotContact(50),
      hubspotContact(51),
    ]);
    await syncOnce(store);
    assert.deepEqual([(await counts())?.stored, (await counts())?.duplicates], [10, 0]);
  });

  it('makes an event of each archived contact, once', async () => {
    vendor.objects.set('contacts', many(2));
    await syncOnce(store);
    const archivedAt = '2026-03-02T00:00:00.000Z';
    vendor.archived.set('contacts', [{ ...hubspotContact(1), archivedAt }]);
    assert.equal((await syncOnce(store)).deleted, 1);
    assert.equal((await syncOnce(store)).deleted, 0);
    const timeline = await store.profiles.timeline('email:person-1@example.com');
    assert.deepEqual(
      timeline?.items.map(({ event }) => event),
      ['Contact Deleted', 'Identify'],
    );
  });

  it('reads deals with whom they are of', async () => {
    vendor.properties.set('deals', [{ name: 'amount', type: 'number', hubspotDefined: true }]);
    const properties = { amount: '12.50', hs_lastmodifieddate: '2026-03-01T12:00:00.000Z' };
    vendor.objects.set('contacts', many(1));
    vendor.objects.set('deals', [
      { id: '1', properties },
      { id: '2', properties },
    ]);
    vendor.associations.set('1', { contacts: [1_000] });
    await configure({ objects: ['contacts', 'deals'] });
    const { quarantined } = await syncOnce(store);
    assert.equal(quarantined, 0);
    const timeline = await store.profiles.timeline('email:person-0@example.com');
    assert.ok(timeline?.items.some(({ event }) => event === 'Opportunity Updated'));
  });

  it('waits for an hour of limits, as long as it is told each time, and then has everything once', async () => {
    vendor.objects.set('contacts', many(5));
    vendor.pageSize = 2;
    const activities = syncActivities(store);
    const startedAt = '2026-03-02T00:00:00.000Z';
    await runActivity(() =>
      activities.beginSync({ tenant: TENANT, source: SOURCE, runId: 'r', workflowId: 'w', startedAt }),
    );
    for (let n = 0; n < 30; n++) {
      const body = { status: 'error', errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' };
      vendor.faults.push({ status: 429, headers: { 'retry-after': '120' }, body });
    }
    let waitedMs = 0;
    for (;;) {
      const stopped = await readSteps(activities, 'r');
      if (stopped === undefined) break;
      assert.match(stopped.why, /TEN_SECONDLY_ROLLING/);
      waitedMs += 'ms' in stopped ? stopped.ms : 0;
    }
    await pumpAll(store);
    assert.equal(waitedMs, 3_600_000);
    assert.deepEqual([(await counts())?.stored, (await counts())?.duplicates], [5, 0]);
  });

  it('waits until the date that Retry-After names', async () => {
    const now = Date.parse('2026-03-02T00:00:00.000Z');
    const activities = syncActivities(store, () => now);
    const startedAt = new Date(now).toISOString();
    await runActivity(() =>
      activities.beginSync({ tenant: TENANT, source: SOURCE, runId: 'r', workflowId: 'w', startedAt }),
    );
    const headers = { 'retry-after': 'Mon, 02 Mar 2026 00:10:00 GMT' };
    vendor.faults.push({ status: 429, headers, body: {} });
    const stopped = await readSteps(activities, 'r');
    assert.equal(stopped?.kind === 'wait' ? stopped.ms : 0, 600_000);
  });

  it('ends with the remedy where the token of a private app is refused', async () => {
    vendor.tokens.clear();
    await assert.rejects(
      syncOnce(store),
      (error) =>
        error instanceof ApplicationFailure && /refuses the access token.*sync set web/.test(error.message),
    );
  });
});

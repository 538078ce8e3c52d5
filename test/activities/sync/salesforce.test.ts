import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/activity';
import { readHealth } from '../../../storage/quality/health.ts';
import type { SyncRequest } from '../../../storage/syncs/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { contact, FakeSalesforce } from '../../support/vendors/salesforce.ts';
import { runActivity, SOURCE, TENANT } from '../tenant.ts';
import { ownTenant, readSteps, syncActivities, syncOnce } from './runs.ts';

describe('a sync of Salesforce', () => {
  let store: TenantStore;
  let close: () => Promise<void>;
  let vendor: FakeSalesforce;
  beforeEach(async () => {
    ({ store, close } = await ownTenant());
    vendor = new FakeSalesforce();
    await vendor.listen();
    vendor.fields.set('Contact', { FirstName: 'string', Email: 'email', MailingAddress: 'address' });
    vendor.objects.set('Contact', vendor.contacts(5));
    await configure();
  });
  afterEach(async () => {
    await vendor.close();
    await close();
  });

  const configure = (request: Partial<SyncRequest> = {}) =>
    store.syncs.configure(SOURCE, {
      vendor: 'salesforce',
      url: vendor.url,
      auth: { kind: 'client-credentials', ...vendor.client },
      objects: ['Contact'],
      ...request,
    });
  const counts = async () => (await store.batches.counts()).sources[SOURCE];
  const emails = async (upTo: number): Promise<number> => {
    let found = 0;
    for (let n = 0; n < upTo; n++) {
      const profile = await store.profiles.read(`email:person-${n}@example.com`);
      if (profile !== undefined) found += 1;
    }
    return found;
  };
  const refusal = (pattern: RegExp) => (error: unknown) =>
    error instanceof ApplicationFailure && error.type === 'SyncRefused' && pattern.test(error.message);

  it('reads every page once, and then what has changed alone', async () => {
    const first = await syncOnce(store);
    assert.deepEqual(
      [first.pages, first.rows, first.repeated, first.stored, first.duplicates, first.quarantined],
      [3, 5, 0, 5, 0, 0],
    );
    assert.equal(await emails(5), 5);
    assert.deepEqual(first.apiUsage, { used: 4, of: 15_000 });
    vendor.objects
      .get('Contact')
      ?.push(contact(5), contact(1, { SystemModstamp: '2026-03-01T12:30:00.000+0000' }));
    const second = await syncOnce(store);
    assert.equal(second.streams[0]?.from, '2026-03-01T11:59:00.000Z', 'five minutes before the cursor');
    assert.deepEqual([second.stored, second.duplicates], [2, 0]);
    assert.ok(second.repeated >= 4, 'what the overlap has again is left out');
    assert.equal((await counts())?.duplicates, 0);
    const asked = vendor.asked('queryAll').at(-1)?.url.searchParams.get('q') ?? '';
    assert.match(asked, /^SELECT Id, IsDeleted, SystemModstamp, FirstName, Email FROM Contact WHERE /);
    assert.match(asked, /ORDER BY SystemModstamp ASC, Id ASC$/);
  });

  it('makes an event of a deletion', async () => {
    await syncOnce(store);
    vendor.objects
      .get('Contact')
      ?.push(contact(2, { SystemModstamp: '2026-03-01T13:00:00.000+0000', IsDeleted: true }));
    const { deleted, stored } = await syncOnce(store);
    assert.deepEqual([deleted, stored], [1, 1]);
    const timeline = await store.profiles.timeline('email:person-2@example.com');
    assert.deepEqual(
      timeline?.items.map(({ event }) => event),
      ['Contact Deleted', 'Identify'],
    );
  });

  it('gets a new token when the one it has expires in mid-run', async () => {
    await syncOnce(store);
    vendor.tokens.clear();
    vendor.objects.get('Contact')?.push(contact(6), contact(7), contact(8));
    vendor.mangle = (page) => {
      vendor.tokens.clear();
      return page;
    };
    const { stored } = await syncOnce(store);
    assert.equal(stored, 3);
    assert.ok(vendor.asked('oauth2/token').length >= 3);
  });

  it('stores a rotated refresh token before it uses the access token', async () => {
    vendor.rotates = true;
    await configure({ auth: { kind: 'refresh-token', ...vendor.client, refreshToken: 'refresh-1' } });
    await syncOnce(store);
    vendor.tokens.clear();
    await syncOnce(store);
    const { value } = await store.syncs.tokens(SOURCE);
    assert.equal(value?.refreshToken, vendor.refreshToken);
    const sent = vendor
      .asked('oauth2/token')
      .map(({ text }) => new URLSearchParams(text).get('refresh_token'));
    assert.deepEqual(sent, ['refresh-1', 'refresh-2']);
  });

  it('ends with the remedy where the refresh token is refused, its cursor unmoved', async () => {
    await configure({ auth: { kind: 'refresh-token', ...vendor.client, refreshToken: 'refresh-1' } });
    await syncOnce(store);
    const before = await store.syncs.cursors(SOURCE);
    vendor.tokens.clear();
    vendor.refreshToken = 'revoked';
    vendor.objects.get('Contact')?.push(contact(9));
    await assert.rejects(
      syncOnce(store),
      refusal(/refuses the refresh token \(invalid_grant\).*tessera source sync set web/),
    );
    assert.deepEqual(await store.syncs.cursors(SOURCE), before);
    vendor.refreshToken = 'refresh-1';
    assert.equal((await syncOnce(store)).stored, 1, 'what was missed comes with the next run');
  });

  it('ends where a page repeats for ever, with all that was read kept once', async () => {
    let first: unknown;
    vendor.mangle = (page) => {
      first ??= page['records'];
      return { ...page, records: first };
    };
    vendor.objects.set('Contact', vendor.contacts(400));
    await assert.rejects(syncOnce(store), refusal(/same page of Contact again and again/));
    const { stored = 0, duplicates, pending } = (await counts()) ?? {};
    assert.deepEqual([stored, duplicates, pending], [2, 0, 0]);
    vendor.mangle = (page) => page;
    vendor.pageSize = 200;
    await syncOnce(store);
    assert.equal((await counts())?.stored, 400);
  });

  it('moves no cursor back where the modifications go back, nor into the future', async () => {
    const now = Date.parse('2026-03-01T12:10:00.000Z');
    vendor.pageSize = 200;
    await syncOnce(store, { now: () => now });
    const cursor = async () => (await store.syncs.cursor(SOURCE, 'Contact')).value?.modified;
    assert.equal(await cursor(), '2026-03-01T12:04:00.000Z');
    vendor.mangle = (page) => ({
      ...page,
      records: [{ ...contact(7), SystemModstamp: '2026-02-01T00:00:00.000+0000' }],
    });
    await syncOnce(store, { now: () => now });
    assert.equal(await cursor(), '2026-03-01T12:04:00.000Z');
    vendor.mangle = (page) => ({
      ...page,
      records: [{ ...contact(8), SystemModstamp: '2031-01-01T00:00:00.000+0000' }],
    });
    await syncOnce(store, { now: () => now });
    assert.equal(await cursor(), '2026-03-01T12:10:00.000Z');
  });

  it('reads again from where it began where a run out of order does not end', async () => {
    let pages = 0;
    vendor.mangle = (page) => {
      pages += 1;
      if (pages === 2) vendor.faults.push({ status: 403, body: [{ errorCode: 'INSUFFICIENT_ACCESS' }] });
      const records = page['records'] as unknown[];
      return { ...page, records: records.reverse() };
    };
    await assert.rejects(syncOnce(store), refusal(/INSUFFICIENT_ACCESS/));
    vendor.mangle = (page) => page;
    await syncOnce(store);
    assert.equal((await counts())?.stored, 5);
  });

  it('takes in the good records of a page of garbage, and lists each bad one with its path', async () => {
    vendor.mangle = (page) => ({
      ...page,
      records: [
        contact(20),
        'noise',
        { ...contact(21), Id: 7 },
        { ...contact(22), SystemModstamp: 'soon' },
        null,
      ],
    });
    vendor.pageSize = 200;
    const { rows, stored, malformed, quarantined } = await syncOnce(store);
    assert.deepEqual([rows, stored, malformed, quarantined], [5, 1, 4, 4]);
    const { items } = await store.quarantine.list({ source: SOURCE });
    assert.deepEqual(items.map(({ reason }) => `${reason.code}: ${reason.detail}`).sort(), [
      'malformed-record: records[1] must be an object',
      'malformed-record: records[2].Id must be an id of 15 or 18 letters and digits',
      'malformed-record: records[3].SystemModstamp must be a date and time',
      'malformed-record: records[4] must be an object',
    ]);
  });

  for (const [what, fault, kind, pattern] of [
    ['half an answer', { body: '{"totalSize": 5, "records": [{"Id"' }, 'trouble', /no JSON/],
    ['an answer of another form', { body: { hello: 'world' } }, 'trouble', /not as documented/],
    ['an error of its own', { status: 503, body: [{ errorCode: 'SERVER_UNAVAILABLE' }] }, 'trouble', /503/],
    ['calls used up', { status: 403, body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED' }] }, 'wait', /used up/],
    ['its limit', { status: 429, headers: { 'retry-after': '120' }, body: [] }, 'wait', /rate of calls/],
  ] as const) {
    it(`stops at ${what}, to try again, with nothing taken in`, async () => {
      await syncOnce(store);
      vendor.objects.get('Contact')?.push(contact(6));
      const activities = syncActivities(store);
      const begun = {
        ...{ tenant: TENANT, source: SOURCE, runId: 'r', workflowId: 'w' },
        startedAt: '2026-03-01T13:00:00.000Z',
      };
      await runActivity(() => activities.beginSync(begun));
      const step = (n: number) =>
        runActivity(() => activities.stepSync({ tenant: TENANT, source: SOURCE, runId: 'r', step: n }));
      await step(0);
      vendor.faults.push(fault);
      const stopped = await step(1);
      assert.equal(stopped.kind, kind);
      assert.match('why' in stopped ? stopped.why : '', pattern);
      if (stopped.kind === 'wait') assert.equal(stopped.ms, what === 'its limit' ? 120_000 : 300_000);
      assert.equal((await counts())?.received, 5);
      assert.equal(await readSteps(activities, 'r'), undefined);
      assert.equal((await counts())?.received, 6);
    });
  }

  it('goes on from what it has read where the vendor forgets the pages of a query', async () => {
    let pages = 0;
    vendor.mangle = (page) => {
      pages += 1;
      if (pages === 2) vendor.forgetLocators();
      return page;
    };
    const { stored } = await syncOnce(store);
    assert.equal(stored, 5);
    assert.equal(vendor.asked('queryAll').length, 2);
  });

  it('reports fields that are new, have vanished or changed their type, and goes on without them', async () => {
    await configure({ fields: { Contact: ['FirstName', 'Email'] } });
    assert.deepEqual((await syncOnce(store)).drift, []);
    vendor.fields.set('Contact', { Email: 'string', Score__c: 'double', MailingAddress: 'address' });
    vendor.objects.get('Contact')?.push(contact(6));
    const { drift, stored } = await syncOnce(store);
    assert.equal(stored, 1);
    assert.deepEqual(
      drift.map(({ field, change, before, after }) => [field, change, before, after]),
      [
        ['Email', 'type', 'email', 'string'],
        ['FirstName', 'vanished', 'string', undefined],
        ['Score__c', 'new', undefined, 'double'],
      ],
    );
    const { fields, findings } = await readHealth(store, SOURCE, Date.now());
    assert.deepEqual(
      fields.map(({ event, path, change }) => [event, path, change]),
      [
        ['Contact', 'FirstName', 'vanished'],
        ['Contact', 'Score__c', 'new'],
      ],
    );
    assert.equal(
      findings.find(({ code }) => code === 'field-type')?.detail,
      '1 fields have changed their type: Contact: Email (email to string)',
    );
  });

  it('reads again from when it was due where a schedule is backfilled, and stores nothing twice', async () => {
    await syncOnce(store);
    const { rows, stored } = await syncOnce(store, { dueAt: '2026-03-01T11:00:00.000Z' });
    assert.deepEqual([rows, stored], [5, 0]);
    assert.equal((await counts())?.stored, 5);
  });

  it('sends its token to no other address, and follows no redirect', async () => {
    vendor.faults.push({ status: 302, headers: { location: 'https://elsewhere.example' }, body: '' });
    await assert.rejects(syncOnce(store), refusal(/redirects \(302\)/));
    vendor.mangle = (page) => ({
      ...page,
      done: false,
      nextRecordsUrl: 'https://elsewhere.example/services',
    });
    const activities = syncActivities(store);
    const begun = {
      ...{ tenant: TENANT, source: SOURCE, runId: 'r', workflowId: 'w' },
      startedAt: '2026-03-01T13:00:00.000Z',
    };
    await runActivity(() => activities.beginSync(begun));
    assert.match((await readSteps(activities, 'r'))?.why ?? '', /no next page that can be/);
  });
});

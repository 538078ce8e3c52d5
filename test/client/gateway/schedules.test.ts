import assert from 'node:assert/strict';
import { startGateway, type Running } from './support.ts';

const HOURLY = '/v1/schedules/crm/hourly';
const settings = { action: { kind: 'sync' }, every: 'PT1H' };

describe('schedules in the API', () => {
  let gateway: Running;
  beforeEach(async () => {
    gateway = await startGateway();
    const auth = { kind: 'token', token: 'secret-token' };
    await gateway.api('/v1/sources/crm/sync', { method: 'PUT', body: { vendor: 'hubspot', auth } });
  });
  afterEach(() => gateway.stop());
  const put = (body: unknown, path = HOURLY) => gateway.api(path, { method: 'PUT', body });
  const post = (verb: string, body?: unknown) =>
    gateway.api(`${HOURLY}/${verb}`, { method: 'POST', ...(body === undefined ? {} : { body }) });

  it('are created, replaced, listed by source and shown, with what is left out said', async () => {
    assert.equal((await put({ ...settings, note: 'first' })).status, 200);
    const { status, body } = await put(settings);
    assert.equal(status, 200);
    assert.deepEqual(body, {
      ...{ source: 'crm', name: 'hourly', version: 2, action: { kind: 'sync' }, every: 'PT1H' },
      ...{ timeZone: 'UTC', overlap: 'skip', catchupWindow: 'PT1H', paused: false },
      ...{ scheduleId: 'schedule/demo/crm/hourly', live: null },
    });
    assert.deepEqual((await gateway.api(HOURLY)).body, body);
    assert.deepEqual((await gateway.api('/v1/schedules?source=crm')).body['items'], [body]);
    assert.deepEqual((await gateway.api('/v1/schedules?source=web')).body['items'], []);
    assert.deepEqual(gateway.runs.scheduled, ['active crm/hourly version 1', 'active crm/hourly version 2']);
  });

  it('are paused with a note, resumed, triggered, backfilled and removed', async () => {
    await put(settings);
    const paused = await post('pause', { note: 'the vendor is down' });
    assert.deepEqual([paused.body['paused'], paused.body['note']], [true, 'the vendor is down']);
    assert.equal((await post('resume')).body['paused'], false);
    assert.equal((await post('trigger')).status, 202);
    const range = { from: '2026-03-01', to: '2026-03-02T00:00:00Z' };
    assert.equal((await post('backfill', { ...range, overlap: 'buffer-all' })).status, 202);
    assert.equal((await gateway.api(HOURLY, { method: 'DELETE' })).status, 200);
    assert.equal((await gateway.api(HOURLY)).status, 404);
    assert.deepEqual(gateway.runs.scheduled, [
      'active crm/hourly version 1',
      'paused crm/hourly version 2',
      'active crm/hourly version 3',
      'trigger crm/hourly skip',
      'backfill crm/hourly 2026-03-01T00:00:00.000Z to 2026-03-02T00:00:00.000Z buffer-all',
      'remove crm/hourly',
    ]);
  });

  it('are not triggered where a run goes on that must not be overlapped', async () => {
    await put(settings);
    const running = ['sync/demo/crm-2026-03-01T00:00:00Z'];
    const counts = { runs: 1, skipped: 0, missed: 0 };
    gateway.runs.liveSchedules.set('crm/hourly', {
      ...{ paused: false, nextRuns: [], recentRuns: [], running, ...counts },
    });
    const refused = await post('trigger');
    assert.equal(refused.status, 409);
    assert.deepEqual(refused.body['running'], running);
    assert.equal((await post('trigger', { overlap: 'allow-all' })).status, 202);
  });

  it('keep the sync that they run from being removed', async () => {
    const sync = '/v1/sources/crm/sync';
    await put(settings);
    const inUse = await gateway.api(sync, { method: 'DELETE' });
    assert.equal(inUse.status, 409);
    assert.match(String(inUse.body['detail']), /crm\/hourly/);
    await gateway.api(HOURLY, { method: 'DELETE' });
    const removed = await gateway.api(sync, { method: 'DELETE' });
    assert.deepEqual([removed.status, removed.body], [200, { source: 'crm', removed: true }]);
    assert.equal((await gateway.api(sync)).status, 404);
    assert.equal((await gateway.api(sync, { method: 'DELETE' })).status, 404);
    assert.equal((await gateway.api(`${sync}/runs`)).status, 200, 'what its runs did stays');
  });

  it('say what to change where they can not be so', async () => {
    const refused = await put({ ...settings, every: 'PT5S' });
    assert.equal(refused.status, 422);
    assert.equal(refused.body['field'], 'every');
    assert.match(String(refused.body['detail']), /at least 60 seconds/);
    assert.equal((await put({ ...settings, action: { kind: 'dance' } })).status, 400);
    assert.equal((await put(settings, '/v1/schedules/nowhere/hourly')).status, 404);
    assert.match(
      String((await put(settings, '/v1/schedules/web/hourly')).body['detail']),
      /This source has no sync/,
    );
    assert.equal((await post('pause')).status, 404);
    await put(settings);
    const backwards = await post('backfill', { from: '2026-03-02', to: '2026-03-01' });
    assert.equal(backwards.status, 422);
    assert.deepEqual((await gateway.api('/v1/schedules')).body['cursor'], null);
  });
});

import assert from 'node:assert/strict';
import { basic, startGateway } from './support.ts';
import type { Running } from './support.ts';

describe('sources in the API', () => {
  let running: Running;
  before(async () => {
    running = await startGateway();
  });
  after(() => running.stop());

  it('adds a source, shows its key once, rotates it, and lets the new one in', async () => {
    const added = await running.api('/v1/sources', { method: 'POST', body: { name: 'shop', kind: 'web' } });
    assert.equal(added.status, 201);
    const { writeKey } = added.body as { writeKey: string };
    const track = '{"type":"track","event":"E","userId":"u"}';
    assert.equal((await running.post('/v1/t', track, { authorization: basic(writeKey) })).status, 200);
    const again = await running.api('/v1/sources', { method: 'POST', body: { name: 'shop', kind: 'web' } });
    assert.equal(again.status, 409);
    const rotated = await running.api('/v1/sources/shop/rotate-key', { method: 'POST', body: {} });
    const next = rotated.body['writeKey'] as string;
    assert.notEqual(next, writeKey);
    const shown = await running.api('/v1/sources/shop');
    assert.equal(shown.body['writeKeys'], 2);
    assert.doesNotMatch(JSON.stringify(shown.body), new RegExp(`${writeKey}|${next}|writeKeyHashes`));
    assert.equal((await running.api('/v1/sources/none')).status, 404);
    assert.equal((await running.api('/v1/sources', { method: 'POST', body: { name: '../x' } })).status, 400);
  });

  it('steers a source through its workflow', async () => {
    for (const what of ['pause', 'resume', 'drain']) {
      const answer = await running.api(`/v1/sources/web/${what}`, { method: 'POST' });
      assert.deepEqual(answer.body, { source: 'web', done: true });
    }
    assert.deepEqual(running.runs.steered, ['pause web', 'resume web', 'drain web']);
    running.runs.draining = 'd-1';
    const drain = (body: object): ReturnType<Running['api']> =>
      running.api('/v1/sources/web/drain', { method: 'POST', body });
    const { status, body } = await drain({});
    assert.deepEqual([status, body['drainId'], body['workflowId']], [202, 'd-1', 'ingestion/demo/web']);
    running.runs.draining = undefined;
    assert.deepEqual((await drain({ drainId: 'd-1' })).body, { source: 'web', done: true });
    assert.equal(running.runs.steered.at(-1), 'drain web d-1');
  });

  it('says how each source is, and nothing of one that is not there', async () => {
    const health = await running.api('/v1/sources/social/health');
    assert.deepEqual([health.body['source'], health.body['status']], ['social', 'unused']);
    assert.deepEqual(health.body['findings'], []);
    const all = await running.api('/v1/health');
    assert.ok((all.body['items'] as { source: string }[]).some(({ source }) => source === 'pos'));
    assert.equal((await running.api('/v1/sources/none/health')).status, 404);
  });

  it('takes thresholds for a source, tells which are its own, and goes by them', async () => {
    const path = '/v1/sources/email/health/thresholds';
    const put = (body: object): ReturnType<Running['api']> => running.api(path, { method: 'PUT', body });
    const before = await running.api(path);
    assert.deepEqual([before.body['version'], before.body['set']], [1, []]);
    const changed = await put({ quarantinedShare: 0.5, silentHours: 48 });
    const { thresholds, set, version } = changed.body as {
      thresholds: Record<string, number>;
      set: string[];
      version: number;
    };
    assert.deepEqual([version, set], [2, ['silentHours', 'quarantinedShare']]);
    assert.deepEqual([thresholds['quarantinedShare'], thresholds['duplicateShare']], [0.5, 0.2]);
    assert.deepEqual((await put({ silentHours: null })).body['set'], ['quarantinedShare']);
    assert.deepEqual((await running.api('/v1/sources/email')).body['thresholds'], { quarantinedShare: 0.5 });
    for (const [wrong, status] of [
      [{ quarantinedShare: 2 }, 422],
      [{ itemsMin: 1.5 }, 422],
      [{ loudness: 1 }, 400],
      [{ silentHours: 'long' }, 400],
    ] as const) {
      const refused = await put(wrong);
      assert.equal(refused.status, status, JSON.stringify(wrong));
      assert.match(JSON.stringify(refused.body), new RegExp(Object.keys(wrong)[0] ?? ''));
    }
    assert.deepEqual((await running.api(path)).body['version'], 3, 'what is refused changes nothing');
    assert.equal((await running.api('/v1/sources/none/health/thresholds')).status, 404);
  });
});

import assert from 'node:assert/strict';
import { basic, startGateway } from './support.ts';
import type { Running } from './support.ts';

describe('quarantine in the API', () => {
  let running: Running;
  before(async () => {
    running = await startGateway();
  });
  after(() => running.stop());

  /** Sends an item behind another to `pos` and holds it as a pump would; answers its entry's id. */
  async function held(item: string, code: string, context = '{}'): Promise<string> {
    const batch = `{"context":${context},"batch":[{"type":"track","event":"E","userId":"u"},${item}]}`;
    await running.post('/v1/batch', batch, { authorization: basic(running.tokens.writeKeys['pos'] ?? '') });
    const [header] = (await running.store.batches.pending('pos', 0, 10)).slice(-1);
    const { batchId } = header ?? { batchId: '' };
    await running.store.quarantine.add([
      {
        id: `${batchId}-1`,
        source: 'pos',
        lane: 0,
        batchId,
        index: 1,
        reason: { code, detail: '' },
        quarantinedAt: '2026-01-01T00:00:00.000Z',
        status: 'held',
      },
    ]);
    return `${batchId}-1`;
  }

  it('lists, shows and releases what is in quarantine', async () => {
    const id = await held('7', 'not-an-object');
    const list = await running.api('/v1/quarantine?source=pos&status=held');
    assert.deepEqual(
      (list.body['items'] as { id: string }[]).map((entry) => entry.id),
      [id],
    );
    const shown = await running.api(`/v1/quarantine/${id}`);
    assert.equal((shown.body['original'] as { body: unknown }).body, 7);
    const released = await running.api(`/v1/quarantine/${id}/release`, {
      method: 'POST',
      body: { replacement: { type: 'track', event: 'E', userId: 'u' } },
    });
    assert.equal(released.body['status'], 'released');
    const done = { status: 'done', released: 5, gone: 0, tooDeep: 0, heldAgain: 1 };
    running.runs.answers.set('release/demo/', done);
    const body = { source: 'pos', code: 'invalid-record', patch: { userId: 'u' }, mapping: 'cdnow-receipts' };
    const many = await running.api('/v1/quarantine/release', { method: 'POST', body });
    const runId = String(many.body['runId']);
    assert.deepEqual(many.body, { runId, ...done });
    const asked = await running.store.releases.request(runId);
    assert.deepEqual(
      [asked?.filter, asked?.patch, asked?.mapping],
      [{ source: 'pos', code: 'invalid-record' }, { userId: 'u' }, 'cdnow-receipts'],
    );
    assert.equal((await running.api(`/v1/quarantine/releases/${runId}`)).body['heldAgain'], 1);
    const wrong = { method: 'POST', body: { source: 'pos', mapping: 'none' } };
    assert.equal((await running.api('/v1/quarantine/release', wrong)).status, 422);
    assert.deepEqual((await running.api('/v1/quarantine/counts')).body['items'], []);
    const kept = await running.api('/v1/quarantine/retention', { method: 'POST', body: { heldDays: 365 } });
    assert.deepEqual(kept.body, { heldDays: 365, releasedDays: 90 });
    assert.deepEqual((await running.api('/v1/quarantine/retention')).body, kept.body);
    assert.equal((await running.api('/v1/quarantine/release', { method: 'POST', body: {} })).status, 400);
    assert.equal((await running.api('/v1/quarantine/none-0')).status, 404);
  });

  it('gives what is mended the context of its batch, as its neighbours have it', async () => {
    const context = { locale: 'nl', app: 'inherited', consent: { categoryPreferences: { ads: false } } };
    const item = '{"type":"track","userId":"v","context":{"app":"own"}}';
    const id = await held(item, 'missing-field', JSON.stringify(context));
    const shown = await running.api(`/v1/quarantine/${id}`);
    const original = shown.body['original'] as { body: unknown; context: unknown };
    assert.deepEqual([original.body, original.context], [JSON.parse(item), context]);
    const replacement = { ...(original.body as object), event: 'E' };
    const release = { method: 'POST', body: { replacement } };
    const { body } = await running.api(`/v1/quarantine/${id}/release`, release);
    const sent = await running.store.batches.readItem('pos', 0, String(body['releasedAs']), 0);
    assert.deepEqual(sent?.body, { ...replacement, context: { ...context, app: 'own' } });
  });

  it('shows no write key of what was refused', async () => {
    const key = running.tokens.writeKeys['pos'] ?? '';
    const id = await held(`{"writeKey":"${key}","type":"dance","userId":"v"}`, 'unknown-type');
    const shown = await running.api(`/v1/quarantine/${id}`);
    assert.deepEqual((shown.body['original'] as { body: unknown }).body, { type: 'dance', userId: 'v' });
    assert.ok(!JSON.stringify(shown.body).includes(key));
  });

  it('asks for a replacement of what is nested too deeply to be sent', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const id = await held(`{"type":"track","event":"E","userId":"u","properties":{"a":${deep}}}`, 'too-deep');
    const release = { method: 'POST', body: {} };
    const refused = await running.api(`/v1/quarantine/${id}/release`, release);
    assert.equal(refused.status, 422);
    assert.match(String(refused.body['detail']), /nested too deeply.*replacement/);
    assert.equal((await running.api(`/v1/quarantine/${id}`)).body['status'], 'held');
    const replacement = { type: 'track', event: 'E', userId: 'u' };
    const released = await running.api(`/v1/quarantine/${id}/release`, { ...release, body: { replacement } });
    assert.equal(released.body['status'], 'released');
  });

  it('says that an original is gone where nothing is left to release', async () => {
    const batchId = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
    const id = `${batchId}-0`;
    await running.store.quarantine.add([
      {
        ...{ id, source: 'pos', lane: 0, batchId, index: 0, reason: { code: 'poison', detail: '' } },
        ...{ quarantinedAt: '2026-01-01T00:00:00.000Z', status: 'held' },
      },
    ]);
    const answer = await running.api(`/v1/quarantine/${id}/release`, { method: 'POST', body: {} });
    assert.equal(answer.status, 404);
    assert.equal(answer.body['type'], 'urn:tessera:error:quarantine-not-found');
  });
});

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { startGateway } from './support.ts';
import type { Running } from './support.ts';

describe('mappings and imports in the API', () => {
  let running: Running;
  before(async () => {
    running = await startGateway();
  });
  after(() => running.stop());

  it('starts an import and says where to ask for it', async () => {
    const started = await running.api('/v1/imports', {
      method: 'POST',
      body: { path: '/data/receipts.csv', source: 'pos', mapping: 'cdnow-receipts' },
    });
    assert.equal(started.status, 202);
    const [asked] = running.runs.imports;
    assert.deepEqual([asked?.path, asked?.format, asked?.dryRun], ['/data/receipts.csv', 'csv', false]);
    const progress = await running.api(String(started.body['statusUrl']));
    assert.equal(progress.body['status'], 'reading');
    assert.equal((await running.api('/v1/imports/nothing')).status, 404);
    for (const body of [{ source: 'pos' }, { path: 'relative.csv', source: 'pos' }]) {
      assert.equal((await running.api('/v1/imports', { method: 'POST', body })).status, 400);
    }
    const unknown = { path: '/x.csv', source: 'pos', mapping: 'nothing' };
    assert.equal((await running.api('/v1/imports', { method: 'POST', body: unknown })).status, 422);
  });

  it('stores a mapping, tries it out, and refuses one that can not work', async () => {
    const record = {
      type: 'track',
      event: { const: 'Call Ended' },
      messageId: { path: '$.id' },
      timestamp: { path: '$.at', as: 'datetime' },
      identifiers: { email: { path: '$.email' } },
    };
    const stored = await running.api('/v1/mappings', {
      method: 'POST',
      body: { name: 'calls', kind: 'record', record },
    });
    assert.deepEqual([stored.status, stored.body['version']], [201, 1]);
    const tried = await running.api('/v1/mappings/calls/dry-run', {
      method: 'POST',
      body: { items: [{ id: '1', at: '2026-01-01T00:00:00Z', email: 'Jane@Example.com' }, {}] },
    });
    const results = tried.body['items'] as { ok: boolean; events?: { event: string }[] }[];
    assert.deepEqual(
      results.map((result) => [result.ok, result.events?.[0]?.event]),
      [
        [true, 'Call Ended'],
        [false, undefined],
      ],
    );
    const wrong = { name: 'calls', kind: 'record', record: { ...record, event: { path: '$[' } } };
    assert.equal((await running.api('/v1/mappings', { method: 'POST', body: wrong })).status, 422);
  });

  it('refuses a mapping that is larger than what can be stored as one', async () => {
    const names = Array.from({ length: 500 }, (_, at) => [`k${at}`, randomBytes(900).toString('base64')]);
    const lookup: unknown = Object.fromEntries(names);
    const record = {
      type: 'track',
      event: { const: 'Sold' },
      identifiers: { email: { path: 'email' } },
      properties: { store: { path: 'store', lookup } },
    };
    const body = { name: 'stores', kind: 'record', record };
    const refused = await running.api('/v1/mappings', { method: 'POST', body });
    assert.equal(refused.status, 413);
    assert.equal(refused.body['type'], 'urn:tessera:error:item-too-large');
    assert.match(String(refused.body['detail']), /at most \d+ bytes/);
  });
});

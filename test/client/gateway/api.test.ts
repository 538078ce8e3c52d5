import assert from 'node:assert/strict';
import { basic, startGateway } from './support.ts';
import type { Running } from './support.ts';

const problemType = (code: string): string => `urn:tessera:error:${code}`;

describe('the API', () => {
  let running: Running;
  before(async () => {
    running = await startGateway();
  });
  after(() => running.stop());

  interface Description {
    readonly openapi: string;
    readonly paths: Record<string, Record<string, { security: object[]; operationId: string }>>;
  }
  async function description(): Promise<Description> {
    return (await (await fetch(`${running.url}/openapi.json`)).json()) as Description;
  }

  it('refuses every described route without a token, with a wrong one, and with a write key', async () => {
    const { openapi, paths } = await description();
    assert.match(openapi, /^3\.1/);
    let tried = 0;
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        if (!operation.security.some((scheme) => 'token' in scheme)) continue;
        for (const authorization of ['', 'Bearer wrong', basic(running.tokens.writeKeys['web'] ?? '')]) {
          const answer = await fetch(running.url + path.replace(/\{\w+\}/g, 'x'), {
            method: method.toUpperCase(),
            headers: { authorization },
          });
          assert.equal(answer.status, 401, `${method} ${path}`);
          tried += 1;
        }
      }
    }
    assert.ok(tried >= 60, `${tried} tried`);
  });

  it('names every operation once', async () => {
    const ids = Object.values((await description()).paths).flatMap((operations) =>
      Object.values(operations).map(({ operationId }) => operationId),
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it('answers health, readiness, metrics and its page without a token, and leads there from the root', async () => {
    for (const path of ['/health', '/ready', '/metrics', '/docs', '/docs/']) {
      const answer = await fetch(running.url + path);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    }
    const root = await fetch(running.url, { redirect: 'manual' });
    assert.equal(root.headers.get('location'), '/docs');
  });

  it('lists the values of an identifier type, none of them where nobody has it', async () => {
    const none = await running.api('/v1/profiles/ids?type=crmId');
    assert.deepEqual(none.body, { items: [], cursor: null });
    for (const query of ['', '?type=', '?type=no%20type', '?type=crmId&limit=1001', '?type=crmId&cursor=!']) {
      const answer = await running.api(`/v1/profiles/ids${query}`);
      assert.equal(answer.status, 400, query);
      assert.equal(answer.body['type'], problemType('invalid-request'));
    }
    const foreign = await running.api('/v1/profiles/ids?type=crmId&cursor=bm9uZQ');
    assert.equal(foreign.status, 400);
    assert.equal(foreign.body['type'], problemType('invalid-cursor'));
  });

  it('counts by source, zeros included', async () => {
    await running.post('/v1/batch', '{"batch":[{"type":"track","event":"E","userId":"u"},7]}', {
      authorization: basic(running.tokens.writeKeys['pos'] ?? ''),
    });
    const { body } = await running.api('/v1/status');
    const none = { received: 0, stored: 0, duplicates: 0, quarantined: 0, pending: 0 };
    assert.deepEqual(Object.keys(body).sort(), ['events', 'fragments', 'profiles', 'sources']);
    const sources = body['sources'] as Record<string, object>;
    assert.deepEqual(sources['pos'], { ...none, received: 2, pending: 2 });
    assert.deepEqual(sources['crm'], none);
  });

  it('answers nobody with 404 and a nonsense moment with 400', async () => {
    const nobody = await running.api('/v1/profiles/email%3Anobody%40example.com');
    assert.equal(nobody.status, 404);
    assert.equal(nobody.body['type'], problemType('no-such-profile'));
    assert.doesNotMatch(JSON.stringify(nobody.body), /nobody@/);
    for (const query of [
      'asOf=yesterday',
      'knownAt=2026-02-31',
      'asof=2026-01-01',
      'asOf=2026-01-01T99:00:00Z',
    ]) {
      const wrong = await running.api(`/v1/profiles/userId:u?${query}`);
      assert.equal(wrong.status, 400, query);
      assert.equal(wrong.body['type'], problemType('invalid-request'));
    }
    assert.equal((await running.api('/v1/profiles/userId:u/events?limit=1001')).status, 400);
    assert.equal((await running.api('/v1/profiles/userId:u?asOf=2026-03-01')).status, 404);
  });

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
  });

  it('runs a write once per idempotency key', async () => {
    const ask = (body: object): ReturnType<Running['api']> =>
      running.api('/v1/sources', { method: 'POST', body, headers: { 'idempotency-key': 'k-1' } });
    const first = await ask({ name: 'once', kind: 'crm' });
    const second = await ask({ name: 'once', kind: 'crm' });
    assert.equal(first.status, 201);
    assert.deepEqual([second.status, second.body], [201, first.body]);
    assert.equal(second.headers.get('idempotency-replayed'), 'true');
    assert.equal(
      (await ask({ name: 'other', kind: 'crm' })).body['type'],
      problemType('idempotency-key-reused'),
    );
  });

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

  it('says how each source is, and nothing of one that is not there', async () => {
    const health = await running.api('/v1/sources/social/health');
    assert.deepEqual([health.body['source'], health.body['status']], ['social', 'unused']);
    assert.deepEqual(health.body['findings'], []);
    const all = await running.api('/v1/health');
    assert.ok((all.body['items'] as { source: string }[]).some(({ source }) => source === 'pos'));
    assert.equal((await running.api('/v1/sources/none/health')).status, 404);
  });

  it('stores tracking plans, compares their versions, and drafts new ones', async () => {
    const post = (path: string, body: unknown) => running.api(path, { method: 'POST', body });
    const plan = {
      name: 'shop',
      sources: ['pos'],
      rules: [{ event: 'Order Completed', schema: { properties: { properties: { type: 'object' } } } }],
    };
    const first = await post('/v1/tracking-plans', plan);
    assert.deepEqual([first.status, first.body['version'], first.body['mode']], [201, 1, 'warn']);
    const strict = { ...plan, rules: [{ event: 'Order Completed', schema: { required: ['userId'] } }] };
    const checked = await post('/v1/tracking-plans/check', { plan: strict });
    assert.deepEqual([checked.body['against'], checked.body['compatible']], ['shop@1', false]);
    const refused = await post('/v1/tracking-plans', { ...strict, onlyCompatible: true });
    assert.deepEqual([refused.status, refused.body['type']], [409, problemType('incompatible-plan')]);
    assert.equal((await post('/v1/tracking-plans', strict)).body['compatible'], false);
    const versions = await running.api('/v1/tracking-plans/shop/versions');
    assert.deepEqual(
      (versions.body['items'] as { version: number; compatible: boolean }[]).map((one) => [
        one.version,
        one.compatible,
      ]),
      [
        [1, true],
        [2, false],
      ],
    );
    assert.equal((await running.api('/v1/tracking-plans/shop@1')).body['version'], 1);
    assert.equal((await running.api('/v1/tracking-plans/none')).status, 404);
    const wrong = await post('/v1/tracking-plans', {
      ...plan,
      rules: [{ event: 'E', schema: { properties: { a: { pattern: '(a+)+' } } } }],
    });
    assert.deepEqual([wrong.status, wrong.body['type']], [422, problemType('invalid-plan')]);
    const segment = { rules: [{ type: 'TRACK', key: 'A', version: 1, jsonSchema: { type: 'object' } }] };
    const converted = await post('/v1/tracking-plans/convert', { name: 'taken', segment });
    assert.equal((await post('/v1/tracking-plans', converted.body['plan'])).status, 201);
    assert.equal((await post('/v1/tracking-plans/convert', { name: 'x', segment: 7 })).status, 422);
    const draft = await post('/v1/tracking-plans/infer', { source: 'pos' });
    assert.deepEqual([draft.status, draft.body['rules']], [200, []]);
    const listed = await running.api('/v1/tracking-plans');
    assert.deepEqual(
      (listed.body['items'] as { name: string }[]).map(({ name }) => name),
      ['shop', 'taken'],
    );
    const broken = await running.api('/v1/tracking-plans/violations?source=pos&plan=shop');
    assert.deepEqual(broken.body['items'], []);
    assert.equal((await running.api('/v1/tracking-plans/violations/pos/0123456789abcdef')).status, 404);
  });

  it('lists, shows and releases what is in quarantine', async () => {
    const headers = await running.store.batches.pending('pos', 0, 1);
    const { batchId } = headers[0] ?? { batchId: '' };
    const id = `${batchId}-1`;
    await running.store.quarantine.add([
      {
        id,
        source: 'pos',
        lane: 0,
        batchId,
        index: 1,
        reason: { code: 'not-an-object', detail: 'a message must be a JSON object' },
        quarantinedAt: '2026-01-01T00:00:00.000Z',
        status: 'held',
      },
    ]);
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
    const done = { status: 'done', released: 5, gone: 0, heldAgain: 1 };
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

  it('answers an unknown path and a body that is no JSON with problem details', async () => {
    const unknown = await running.api('/v1/nothing');
    assert.equal(unknown.body['type'], problemType('no-such-route'));
    const broken = await fetch(`${running.url}/v1/sources`, {
      method: 'POST',
      headers: { authorization: `Bearer ${running.tokens.adminToken}`, 'content-type': 'application/json' },
      body: '{"name":',
    });
    assert.equal(((await broken.json()) as { type: string }).type, problemType('malformed-json'));
  });
});

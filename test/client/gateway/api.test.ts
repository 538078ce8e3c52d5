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

  it('knows nobody of an id that is longer than a key of the store', async () => {
    const id = 'a'.repeat(1_000);
    const asked = ['', '/events', '/history', '/explain', '/events/m', '?knownAt=2026-03-01'];
    for (const path of asked.map((rest) => `/v1/profiles/${id}${rest}`)) {
      const nobody = await running.api(path);
      assert.deepEqual([nobody.status, nobody.body['type']], [404, problemType('no-such-profile')], path);
    }
    const because = { reason: 'a test', actor: 'jo' };
    const post = (path: string, body: object): ReturnType<Running['api']> =>
      running.api(path, { method: 'POST', body: { ...body, ...because } });
    assert.equal((await post(`/v1/profiles/${id}/split`, { away: ['userId:u'] })).status, 404);
    for (const pair of [
      { a: id, b: 'userId:u' },
      { a: '€'.repeat(400), b: 'userId:u' },
    ]) {
      const refused = await post('/v1/profiles/link', pair);
      assert.deepEqual([refused.status, refused.body['type']], [422, problemType('unknown-identifier')]);
    }
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

  it('takes no bytes as no body, whatever media type they are said to be', async () => {
    const post = (path: string, type?: string): Promise<Response> =>
      fetch(running.url + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${running.tokens.adminToken}`,
          ...(type === undefined ? {} : { 'content-type': type }),
        },
        body: new Uint8Array(),
      });
    for (const type of ['application/json', 'application/json; charset=utf-8', undefined]) {
      for (const call of ['pause', 'resume', 'drain', 'rotate-key']) {
        assert.equal((await post(`/v1/sources/crm/${call}`, type)).status, 200, call);
      }
      assert.equal((await post('/v1/quarantine/none/release', type)).status, 404);
      for (const path of ['/v1/sources', '/v1/profiles/link', '/v1/mappings']) {
        const answer = await post(path, type);
        const { type: told, detail } = (await answer.json()) as Record<string, string>;
        assert.deepEqual([answer.status, told], [400, problemType('empty-body')], path);
        assert.match(detail ?? '', /send one JSON object/);
      }
    }
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

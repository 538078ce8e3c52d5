import assert from 'node:assert/strict';
import type { Payload } from '@temporalio/common';
import { createPayloadCodec } from '../../../storage/vault/payload-codec.ts';
import { startGateway, type Running } from './support.ts';

const UI = 'http://127.0.0.1:8233';
const SECRET_TEXT = 'resolution 17 of jane';
const HOUR_MS = 3_600_000;

interface Wire {
  readonly metadata: Record<string, string>;
  readonly data: string;
}
const wire = ({ metadata, data }: Payload): Wire => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});
const plain = (text: string): Payload => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(text)),
});

describe("payloads for Temporal's UI", () => {
  let running: Running;
  let now: Date;
  let sealed: Wire;
  beforeEach(async () => {
    now = new Date('2026-11-28T12:00:00Z');
    running = await startGateway({ temporal: { namespace: 'demo-space', ui: UI }, now: () => now });
    const [payload] = await createPayloadCodec(running.store).encode([plain(SECRET_TEXT)]);
    assert.ok(payload);
    sealed = wire(payload);
  });
  afterEach(() => running.stop());

  interface Asked {
    readonly body?: unknown;
    readonly headers?: Record<string, string>;
  }
  const bearer = (): Record<string, string> => ({ authorization: `Bearer ${running.tokens.adminToken}` });
  /** Asks as Temporal's UI does. */
  const decode = ({ body = { payloads: [sealed] }, headers = bearer() }: Asked): Promise<Response> =>
    fetch(`${running.url}/v1/temporal/decode?preserveStorageRefs=true`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-namespace': 'demo-space', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const textOf = async (response: Response): Promise<unknown> => {
    assert.equal(response.status, 200);
    const { payloads } = (await response.json()) as { payloads: Wire[] };
    return JSON.parse(Buffer.from(payloads[0]?.data ?? '', 'base64').toString());
  };
  const refused = async (response: Response, status: number, code: string): Promise<string> => {
    const text = await response.text();
    assert.equal(response.status, status, text);
    const problem = JSON.parse(text) as { type: string; detail: string };
    assert.equal(problem.type, `urn:tessera:error:${code}`);
    assert.ok(!text.includes(SECRET_TEXT) && !text.includes('demo-space'), text);
    return problem.detail;
  };
  async function signIn(body?: unknown): Promise<{ answer: Response; cookie: string; path: string }> {
    const { status, body: link } = await running.api('/v1/temporal/sign-ins', { method: 'POST', body });
    assert.equal(status, 201);
    const path = String(link['path']);
    const answer = await fetch(running.url + path, { redirect: 'manual' });
    return { answer, path, cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
  }

  it('are readable with the token, in order, and those that were never sealed as they are', async () => {
    const open = wire(plain('in clear'));
    const response = await decode({ body: { payloads: [open, sealed, { metadata: null }] } });
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const { payloads } = (await response.json()) as { payloads: Wire[] };
    assert.deepEqual(payloads, [open, wire(plain(SECRET_TEXT)), { metadata: {}, data: '' }]);
  });

  it('are readable in a browser that opened a link, for twelve hours', async () => {
    const { answer, cookie } = await signIn({ workflowId: 'resolution/demo/01' });
    assert.equal(answer.status, 303);
    const workflow = '/namespaces/demo-space/workflows/resolution%2Fdemo%2F01';
    assert.equal(answer.headers.get('location'), UI + workflow);
    assert.match(
      answer.headers.get('set-cookie') ?? '',
      /^tessera_temporal_[0-9a-f]{8}=[^;]+; Path=\/v1\/temporal; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
    const headers = { cookie: `other=1; ${cookie}; _csrf=2` };
    assert.equal(await textOf(await decode({ headers })), SECRET_TEXT);
    now = new Date(now.getTime() + 11 * HOUR_MS);
    assert.equal(await textOf(await decode({ headers })), SECRET_TEXT);
    now = new Date(now.getTime() + 2 * HOUR_MS);
    await refused(await decode({ headers }), 401, 'not-signed-in');
  });

  it('stay sealed for who is not signed in, with no token, a wrong one, a write key or a forged session', async () => {
    const { cookie } = await signIn();
    const [name = '', value = ''] = cookie.split('=');
    const [ends = '', seal = ''] = value.split('.');
    const later = String(Number(ends) + HOUR_MS);
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Bearer ${running.tokens.writeKeys['web'] ?? ''}` },
      { cookie: `${name}=${later}.${seal}` },
      { cookie: `${name}=${ends}.` },
      { cookie: name },
      { cookie: `${name}x=${value}` },
    ]) {
      const response = await decode({ headers });
      // Basic would make a browser ask for a password.
      assert.equal(response.headers.get('www-authenticate'), 'Bearer realm="tessera"');
      assert.match(await refused(response, 401, 'not-signed-in'), /npx tessera temporal open/);
    }
  });

  it('are those of one namespace', async () => {
    for (const namespace of ['other', 'demo', '']) {
      const response = await decode({ headers: { ...bearer(), 'x-namespace': namespace } });
      await refused(response, 404, 'no-such-namespace');
    }
  });

  it('say so where another key sealed them, and nothing else', async () => {
    const other = await startGateway();
    try {
      const [theirs] = await createPayloadCodec(other.store).encode([plain(SECRET_TEXT)]);
      assert.ok(theirs);
      const text = await textOf(await decode({ body: { payloads: [wire(theirs)] } }));
      assert.match(JSON.stringify(text), /can no longer be read/);
    } finally {
      await other.stop();
    }
  });

  it('are refused where they are not what Temporal sends, by where it is wrong', async () => {
    const broken = { ...sealed, data: `${SECRET_TEXT}!` };
    const detail = await refused(await decode({ body: { payloads: [sealed, broken] } }), 422, 'not-base64');
    assert.match(detail, /^payloads\.1\.data/);
    const metadata = { encoding: 'a' };
    await refused(await decode({ body: { payloads: [{ metadata }] } }), 422, 'not-base64');
    for (const body of [{}, [], { payloads: {} }, { payloads: [1] }, { payloads: [{ data: 1 }] }]) {
      await refused(await decode({ body }), 400, 'invalid-request');
    }
    await refused(await decode({ body: '{"payloads":' }), 400, 'malformed-json');
    const huge = { payloads: [{ data: 'A'.repeat(8 * 1024 * 1024) }] };
    await refused(await decode({ body: huge }), 413, 'request-too-large');
  });

  it('are not sealed here for anybody', async () => {
    const answer = await running.api('/v1/temporal/encode', { method: 'POST', body: { payloads: [] } });
    assert.equal(answer.status, 404);
  });

  it("can be asked for by pages of Temporal's UI, and of no other origin", async () => {
    const preflight = (origin: string): Promise<Response> =>
      fetch(`${running.url}/v1/temporal/decode`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,x-namespace',
        },
      });
    const allowed = await preflight(UI);
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers.get('access-control-allow-origin'), UI);
    assert.equal(allowed.headers.get('access-control-allow-credentials'), 'true');
    assert.match(allowed.headers.get('access-control-allow-headers') ?? '', /content-type, x-namespace/);
    // Also what is refused, or the page could not say why.
    const signedOut = await decode({ headers: { origin: UI } });
    assert.equal(signedOut.headers.get('access-control-allow-origin'), UI);
    for (const origin of ['http://127.0.0.1:9999', 'https://127.0.0.1:8233', 'null']) {
      const answer = await preflight(origin);
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
      await refused(answer, 403, 'unknown-origin');
      const asked = await decode({ headers: { ...bearer(), origin } });
      assert.equal(asked.headers.get('access-control-allow-origin'), null);
    }
  });

  it('take a link once, within five minutes, and not by a look ahead', async () => {
    const { path } = await signIn();
    const answer = await fetch(running.url + path, { redirect: 'manual' });
    assert.equal(answer.headers.get('set-cookie'), null);
    await refused(answer, 404, 'no-such-link');
    const { body } = await running.api('/v1/temporal/sign-ins', { method: 'POST' });
    const next = running.url + String(body['path']);
    await fetch(next, { method: 'HEAD', redirect: 'manual' });
    now = new Date(now.getTime() + 4 * 60_000);
    assert.equal((await fetch(next, { redirect: 'manual' })).status, 303);
    const late = await running.api('/v1/temporal/sign-ins', { method: 'POST' });
    now = new Date(now.getTime() + 6 * 60_000);
    const tooLate = await fetch(running.url + String(late.body['path']), { redirect: 'manual' });
    await refused(tooLate, 404, 'no-such-link');
  });
});

describe("payloads for a Temporal UI that nobody named, or that's reached by https", () => {
  it('have no link, and still take the token', async () => {
    const running = await startGateway();
    try {
      const { status, body } = await running.api('/v1/temporal/sign-ins', { method: 'POST' });
      assert.equal(status, 409);
      assert.match(String(body['detail']), /TESSERA_TEMPORAL_UI/);
      const headers = { 'x-namespace': 'demo' };
      const asked = { method: 'POST', headers, body: { payloads: [] } };
      assert.deepEqual((await running.api('/v1/temporal/decode', asked)).body, { payloads: [] });
    } finally {
      await running.stop();
    }
  });

  it('have a session that is sent by https alone', async () => {
    const running = await startGateway({ temporal: { ui: 'https://temporal.example.com/ui' } });
    try {
      const { body } = await running.api('/v1/temporal/sign-ins', { method: 'POST' });
      const answer = await fetch(running.url + String(body['path']), { redirect: 'manual' });
      assert.match(answer.headers.get('set-cookie') ?? '', /; Secure$/);
      const to = 'https://temporal.example.com/ui/namespaces/demo/workflows';
      assert.equal(answer.headers.get('location'), to);
    } finally {
      await running.stop();
    }
  });
});

import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import { ENVELOPE_CHECKS } from '../../../domain/ingestion/envelope.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { basic, startGateway } from './support.ts';
import type { Running } from './support.ts';

const track = (fields: object = {}): object => ({ type: 'track', event: 'Seen', userId: 'u-1', ...fields });

describe('collection', () => {
  let running: Running;
  before(async () => {
    running = await startGateway();
  });
  after(() => running.stop());

  async function added(send: () => Promise<unknown>, source = 'web'): Promise<JsonObject[]> {
    const before = (await running.items(source)).length;
    await send();
    return (await running.items(source)).slice(before).map((item) => item.body as JsonObject);
  }

  for (const [path, type] of Object.entries({
    identify: 'identify',
    i: 'identify',
    track: 'track',
    t: 'track',
    page: 'page',
    p: 'page',
    screen: 'screen',
    s: 'screen',
    group: 'group',
    g: 'group',
    alias: 'alias',
    a: 'alias',
  })) {
    it(`takes one message on /v1/${path} as ${type}`, async () => {
      const body = { event: 'Seen', groupId: 'g', previousId: 'p', userId: 'u', messageId: `m-${path}` };
      const items = await added(async () => {
        const { status, body: answer } = await running.post(`/v1/${path}`, JSON.stringify(body));
        assert.equal(status, 200);
        assert.deepEqual(answer, { success: true, accepted: 1, quarantined: [] });
      });
      assert.deepEqual(items, [{ ...body, type }]);
    });
  }

  it('says in a batch of messages by which checks they were taken in', async () => {
    await running.post('/v1/track', JSON.stringify(track()));
    const headers = await running.store.batches.pending('web', 0, 1_000);
    assert.equal(headers.at(-1)?.checked, ENVELOPE_CHECKS);
  });

  it('answers a batch once all of it is durable, with sentAt, context and address beside each item', async () => {
    const before = (await running.items()).length;
    const sentAt = '2026-01-01T00:00:00.000Z';
    const context = { locale: 'nl' };
    const batch = [track({ messageId: 'a', context: { app: 'x' } }), track({ messageId: 'b' })];
    const answer = await running.post('/v1/batch', JSON.stringify({ batch, sentAt, context }));
    assert.equal(answer.body['accepted'], 2);
    const items = (await running.items()).slice(before);
    assert.deepEqual(
      items.map(({ sentAt: sent, ip, body }) => [sent, ip, (body as JsonObject)['context']]),
      [
        [sentAt, '127.0.0.1', { locale: 'nl', app: 'x' }],
        [sentAt, '127.0.0.1', { locale: 'nl' }],
      ],
    );
  });

  it('takes as many of the smallest messages as 500,000 bytes hold', async () => {
    const smallest = '{"type":"page","userId":1}';
    const messages = Math.floor((500_000 - '{"batch":[]}'.length) / (smallest.length + 1));
    const text = `{"batch":[${Array.from({ length: messages }, () => smallest).join()}]}`;
    const items = await added(async () => {
      const { status, body } = await running.post('/v1/batch', text);
      assert.deepEqual([status, body['accepted']], [200, messages]);
    });
    assert.equal(new Set(items.map((item) => item['messageId'])).size, messages);
  });

  it('gives a message without an id one of its own, and keeps no write key in it', async () => {
    const writeKey = running.tokens.writeKeys['web'];
    const [item] = await added(() => running.post('/v1/t', JSON.stringify(track({ writeKey }))));
    assert.equal(typeof item?.['messageId'], 'string');
    assert.equal('writeKey' in (item ?? {}), false);
  });

  it('keeps no write key in a record that is the body of its request, and members of that name in others', async () => {
    const record = { type: 'track', event: { const: 'Sold' }, identifiers: { email: { path: 'email' } } };
    await running.api('/v1/mappings', { method: 'POST', body: { name: 'shop', kind: 'record', record } });
    const source = { name: 'shop', kind: 'pos', mapping: 'shop', lanes: 1 };
    const { body } = await running.api('/v1/sources', { method: 'POST', body: source });
    const item = { writeKey: body['writeKey'], email: 'a@example.com' };
    const items = await added(async () => {
      for (const [path, sent] of [
        ['/v1/t', item],
        ['/v1/b', { writeKey: item.writeKey, batch: [{ ...item, writeKey: 'of its own' }] }],
      ] as const)
        assert.equal((await running.post(path, JSON.stringify(sent), { authorization: '' })).status, 200);
    }, 'shop');
    assert.deepEqual(items, [{ email: item.email }, { email: item.email, writeKey: 'of its own' }]);
  });

  it('takes the key from the body where the header has none, as text/plain', async () => {
    const writeKey = running.tokens.writeKeys['email'];
    const items = await added(
      () =>
        running.post('/v1/b', JSON.stringify({ writeKey, batch: [track()] }), {
          authorization: '',
          'content-type': 'text/plain;charset=UTF-8',
        }),
      'email',
    );
    assert.equal(items.length, 1);
  });

  it('takes gzip, a byte order mark, and a body without a media type', async () => {
    const text = JSON.stringify({ batch: [track()] });
    const items = await added(async () => {
      const gzip = { 'content-encoding': 'gzip' };
      assert.equal((await running.post('/v1/import', gzipSync(text), gzip)).status, 200);
      assert.equal((await running.post('/v1/batch', `\ufeff${text}`)).status, 200);
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      assert.equal((await running.post('/v1/batch', text, form)).status, 200);
    });
    assert.equal(items.length, 3);
  });

  it('tells the browser SDK to send here, and lets every origin in', async () => {
    const key = running.tokens.writeKeys['web'] ?? '';
    const answer = await fetch(`${running.url}/v1/projects/${key}/settings`);
    const settings = (await answer.json()) as { integrations: Record<string, JsonObject> };
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.equal(settings.integrations['Segment.io']?.['apiKey'], key);
    assert.equal(settings.integrations['Segment.io']['apiHost'], `${new URL(running.url).host}/v1`);
    assert.equal(settings.integrations['Segment.io']['protocol'], 'http');
    const unknown = await fetch(`${running.url}/v1/projects/nobody/settings`);
    assert.equal(unknown.status, 404);
    const preflight = await fetch(`${running.url}/v1/t`, { method: 'OPTIONS' });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization/);
  });

  it('tells the browser SDK the address that a proxy in front was asked at, if it is one', async () => {
    const key = running.tokens.writeKeys['web'] ?? '';
    const { host } = new URL(running.url);
    for (const [proto, forwardedHost, told] of [
      ['https', 'cdp.example.com', ['https', 'cdp.example.com/v1']],
      ['https, http', 'cdp.example.com:8443, inner:8080', ['https', 'cdp.example.com:8443/v1']],
      ['javascript', 'evil.example/path', ['http', `${host}/v1`]],
    ] as const) {
      const headers = { 'x-forwarded-proto': proto, 'x-forwarded-host': forwardedHost };
      const answer = await fetch(`${running.url}/v1/projects/${key}/settings`, { headers });
      const { integrations } = (await answer.json()) as { integrations: Record<string, JsonObject> };
      const { protocol, apiHost } = integrations['Segment.io'] ?? {};
      assert.deepEqual([protocol, apiHost], told);
    }
  });

  it('takes what an unmodified analytics-node sends', async () => {
    const items = await added(async () => {
      const analytics = new Analytics({ writeKey: running.tokens.writeKeys['web'] ?? '', host: running.url });
      for (let at = 0; at < 25; at++) analytics.track({ userId: `u${at}`, event: 'Seen' });
      await analytics.closeAndFlush();
    });
    assert.equal(new Set(items.map((item) => item['userId'])).size, 25);
  });

  it('takes what an unmodified rudder-sdk-node sends, gzip without a media type', async () => {
    const items = await added(async () => {
      const client = new RudderAnalytics(running.tokens.writeKeys['crm'] ?? '', {
        dataPlaneUrl: running.url,
        flushAt: 20,
        logLevel: 'error',
      });
      for (let at = 0; at < 5; at++) client.track({ userId: `u${at}`, event: 'Seen' });
      await client.flush();
    }, 'crm');
    assert.equal(items.length, 5);
  });

  it('wakes the lane once its batch is durable and no pump runs', async () => {
    await running.post('/v1/t', JSON.stringify(track()), {
      authorization: basic(running.tokens.writeKeys['social'] ?? ''),
    });
    assert.ok(running.runs.wakes.includes('social/0'));
  });
});

describe('collection behind a proxy', () => {
  async function addressKept(
    trustedProxies: readonly string[],
    forwardedFor: string,
  ): Promise<string | undefined> {
    const running = await startGateway({ trustedProxies });
    try {
      const headers = { 'x-forwarded-for': forwardedFor };
      assert.equal((await running.post('/v1/t', JSON.stringify(track()), headers)).status, 200);
      const [item] = await running.items();
      return item?.ip;
    } finally {
      await running.stop();
    }
  }

  it('keeps the address of the visitor where the proxy is trusted, and not what is said of others', async () => {
    assert.equal(await addressKept(['127.0.0.0/8'], '203.0.113.7'), '203.0.113.7');
    assert.equal(
      await addressKept(['127.0.0.1', '10.0.0.0/8'], '1.1.1.1, 203.0.113.7, 10.1.2.3'),
      '203.0.113.7',
    );
  });

  it('keeps the address of who sends where nobody is trusted, or what is passed on is no address', async () => {
    assert.equal(await addressKept([], '203.0.113.7'), '127.0.0.1');
    assert.equal(await addressKept(['10.0.0.0/8'], '203.0.113.7'), '127.0.0.1');
    assert.equal(await addressKept(['127.0.0.1'], 'unknown'), '127.0.0.1');
  });
});

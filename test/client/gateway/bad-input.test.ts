import assert from 'node:assert/strict';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { JsonObject } from '../../../domain/json.ts';
import { basic, startGateway } from './support.ts';
import type { Running } from './support.ts';

const KIB = 1024;
const message = (fields: string): string => `{"type":"track","event":"E","userId":"u"${fields}}`;

/** Refused whole: nothing of it is kept. */
const REFUSED: readonly [string, string | Buffer, Record<string, string>, number, string][] = [
  ['nothing', '', {}, 400, 'empty-body'],
  ['malformed JSON', '{"batch":[{"a":1},]}', {}, 400, 'malformed-json'],
  ['a truncated body', '{"batch":[{"a":"', {}, 400, 'malformed-json'],
  ['a list', '[]', {}, 400, 'not-an-object'],
  ['no batch', '{}', {}, 400, 'no-batch'],
  ['a batch that is inherited only', '{"__proto__":{"batch":[]}}', {}, 400, 'no-batch'],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), {}, 400, 'malformed-utf8'],
  ['501 KB', `{"batch":["${'x'.repeat(501_000)}"]}`, {}, 413, 'request-too-large'],
  ['too many items', `{"batch":[${'1,'.repeat(19_999)}1]}`, {}, 413, 'too-many-messages'],
  [
    'a context that a thousand messages would repeat',
    `{"context":{"pad":"${'x'.repeat(20 * KIB)}"},"batch":[${'1,'.repeat(999)}1]}`,
    {},
    413,
    'context-too-large',
  ],
  [
    'a gzip bomb',
    gzipSync(Buffer.alloc(64 * KIB * KIB)),
    { 'content-encoding': 'gzip' },
    413,
    'request-too-large',
  ],
  ['gzip that is none', 'plain', { 'content-encoding': 'gzip' }, 400, 'malformed-gzip'],
  [
    'cut gzip',
    gzipSync('{"batch":[]}').subarray(0, 20),
    { 'content-encoding': 'gzip' },
    400,
    'malformed-gzip',
  ],
  ['another encoding', '{}', { 'content-encoding': 'br' }, 415, 'unsupported-encoding'],
  ['another media type', '{}', { 'content-type': 'text/xml' }, 415, 'unsupported-media-type'],
  ['a wrong key', '{"batch":[]}', { authorization: basic('nobody') }, 401, 'unknown-write-key'],
  ['no key', '{"batch":[]}', { authorization: '' }, 401, 'unknown-write-key'],
  [
    'a key that is no text',
    '{"batch":[],"writeKey":{"a":1}}',
    { authorization: '' },
    401,
    'unknown-write-key',
  ],
  ['a bearer token', '{"batch":[]}', { authorization: 'Bearer x' }, 401, 'unknown-write-key'],
];

/** Kept for quarantine, alone, bytes as they came. */
const QUARANTINED: readonly [string, string, string][] = [
  ['null', 'null', 'not-an-object'],
  ['a list', '[1]', 'not-an-object'],
  ['no type', '{"userId":"u"}', 'missing-field'],
  ['an unknown type', '{"type":"dance","userId":"u"}', 'unknown-type'],
  ['no identifier', '{"type":"track","event":"E"}', 'missing-identifier'],
  ['a wrong type', message(',"context":7'), 'wrong-type'],
  ['33 KB', message(`,"properties":{"pad":"${'x'.repeat(33 * KIB)}"}`), 'message-too-large'],
  [
    '33 KB of wide characters',
    message(`,"properties":{"pad":"${'€'.repeat(11 * KIB)}"}`),
    'message-too-large',
  ],
  ['nesting', message(`,"properties":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 'too-deep'],
  [
    'many keys',
    message(`,"properties":{${Array.from({ length: 30_000 }, (_, at) => `"k${at}":1`).join()}}`),
    'too-many-keys',
  ],
  ['__proto__', message(',"properties":{"__proto__":{"polluted":true}}'), 'forbidden-key'],
  ['NUL', message(',"messageId":"a\\u0000b"'), 'invalid-text'],
  ['half a surrogate pair', message(',"properties":{"a":"\\ud800"}'), 'invalid-text'],
  ['1e999', message(',"properties":{"a":1e999}'), 'invalid-number'],
];

describe('bad input to collection', () => {
  let running: Running;
  before(async () => {
    running = await startGateway();
  });
  after(() => running.stop());

  for (const [what, body, headers, status, code] of REFUSED) {
    it(`refuses ${what} and keeps nothing`, async () => {
      const before = (await running.items()).length;
      const answer = await running.post('/v1/batch', body, headers);
      assert.equal(answer.status, status);
      assert.equal(answer.body['type'], `urn:tessera:error:${code}`);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
      assert.equal((await running.items()).length, before);
    });
  }

  it('says how much its route takes of what is too large', async () => {
    const body = { pad: 'x'.repeat(5 * KIB * KIB) };
    for (const [path, limitBytes] of [
      ['/v1/batch', 500_000],
      ['/v1/webhooks/any', 4 * KIB * KIB],
      ['/v1/sources', KIB * KIB],
    ] as const) {
      const answer = await running.api(path, { method: 'POST', body });
      assert.equal(answer.status, 413, path);
      assert.equal(answer.body['limitBytes'], limitBytes, path);
      assert.match(String(answer.body['detail']), new RegExp(String(limitBytes)));
    }
  });

  it('says where JSON is broken and does not repeat it', async () => {
    const answer = await running.post('/v1/t', '{"userId":\n "jane@example.com",}');
    assert.deepEqual(answer.body['position'], { offset: 31, line: 2, column: 21 });
    assert.doesNotMatch(JSON.stringify(answer.body), /jane/);
  });

  for (const [what, item, code] of QUARANTINED) {
    it(`puts ${what} aside with its bytes, and takes its neighbours`, async () => {
      const before = (await running.items()).length;
      const answer = await running.post(
        '/v1/batch',
        `{"batch":[${message(',"messageId":"a"')}, ${item} ,${message(',"messageId":"b"')}]}`,
      );
      assert.equal(answer.status, 200);
      assert.equal(answer.body['accepted'], 2);
      const [refused] = answer.body['quarantined'] as { index: number; reason: string }[];
      assert.equal(refused?.index, 1);
      assert.ok(refused.reason.startsWith(`${code}: `), refused.reason);
      const kept = (await running.items()).slice(before);
      assert.deepEqual(
        kept.map(({ reject }) => reject?.code),
        [undefined, code, undefined],
      );
      if (code !== 'too-deep') assert.deepEqual(kept[1]?.body, JSON.parse(item));
    });
  }

  it('refuses each message that inherits a context nested too deeply', async () => {
    const context = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const answer = await running.post('/v1/batch', `{"context":${context},"batch":[${message('')}]}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.body['accepted'], 0);
    const [refused] = answer.body['quarantined'] as { reason: string }[];
    assert.match(refused?.reason ?? '', /^too-deep: /);
  });

  it('keeps a single refused message with the type of its path', async () => {
    const before = (await running.items()).length;
    const answer = await running.post('/v1/identify', '{ "traits": {} }');
    assert.equal(answer.status, 200);
    assert.equal(answer.body['accepted'], 0);
    const [kept] = (await running.items()).slice(before);
    assert.deepEqual(kept?.body, { type: 'identify', traits: {} });
    assert.equal(kept.reject?.code, 'missing-identifier');
  });

  it('keeps no write key of what it refuses, however it is written, and the rest as it came', async () => {
    const key = running.tokens.writeKeys['web'] ?? '';
    const before = (await running.items()).length;
    const levels = 10_000;
    const deep = `${'['.repeat(levels)}${']'.repeat(levels)}`;
    await running.post(
      '/v1/batch',
      `{"batch":[{"writeKey":"${key}","n":1e999,"writeKey" : "${key}"},
        { "a" : 9007199254740993 ,\n "write\\u004bey" : "${key}" , "b":{"writeKey":"of its own"}},{"deep":${deep},"writeKey":"${key}"}]}`,
    );
    await running.post('/v1/identify', `{"type":"track","writeKey":"${key}"}`);
    const kept = (await running.items()).slice(before);
    assert.equal(kept.length, 4);
    const [endless, escaped, nested, single] = kept.map(({ body }) => body as JsonObject);
    assert.deepEqual(endless, { n: Infinity });
    assert.deepEqual(escaped, { a: 9007199254740992, b: { writeKey: 'of its own' } });
    assert.deepEqual(Object.keys(nested ?? {}), ['deep']);
    assert.deepEqual(single, { type: 'identify' }, 'the type of the path counts, as for what is accepted');
  });

  it('keeps what the envelope says for all beside what it refuses, unless no message could have it', async () => {
    const contexts = [
      '{"locale":"nl"}',
      `{"pad":"${'x'.repeat(33 * KIB)}"}`,
      '{"a":'.repeat(40) + '1' + '}'.repeat(40),
    ];
    const before = (await running.items()).length;
    for (const context of contexts)
      await running.post('/v1/batch', `{"context":${context},"batch":[{"userId":"u"}]}`);
    const kept = (await running.items()).slice(before);
    assert.deepEqual(
      kept.map(({ body, context }) => [body, context]),
      [
        [{ userId: 'u' }, { locale: 'nl' }],
        [{ userId: 'u' }, undefined],
        [{ userId: 'u' }, undefined],
      ],
    );
  });

  it('pollutes no prototype by an envelope', async () => {
    const text = `{"__proto__":{"polluted":1},"context":{"__proto__":{"polluted":1}},"batch":[${message('')}]}`;
    await running.post('/v1/batch', text);
    assert.equal(({} as JsonObject)['polluted'], undefined);
  });

  it('takes numbers beyond 2^53, duplicate keys and a clock that is a year off', async () => {
    const text = message(
      ',"properties":{"n":9007199254740993,"a":1,"a":2},"timestamp":"2025-01-01T00:00:00Z","sentAt":"2025-01-01T00:00:01Z"',
    );
    assert.equal((await running.post('/v1/t', text)).body['accepted'], 1);
  });

  it('refuses an endless body at the limit, without waiting for its end', async () => {
    const { port } = new URL(running.url);
    const headers = {
      authorization: basic(running.tokens.writeKeys['web'] ?? ''),
      'content-type': 'application/json',
    };
    const status = await new Promise<number>((resolve, reject) => {
      const endless = request({ port, path: '/v1/batch', method: 'POST', headers }, (response) => {
        resolve(response.statusCode ?? 0);
        endless.destroy();
      });
      endless.on('error', reject);
      const chunk = Buffer.alloc(64 * KIB, 0x20);
      for (let sent = 0; sent < 10; sent++) endless.write(chunk);
    });
    assert.equal(status, 413);
  });
});

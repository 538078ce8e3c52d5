import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { basic } from '../../support/api.ts';
import { track, word } from '../../support/segment.ts';
import type { Running } from './types.ts';

const MIB = 1024 * 1024;

interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
}

function assertProblem(answer: { status: number; body: unknown }, statuses: number[]): void {
  assert.ok(statuses.includes(answer.status), `answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  const problem = answer.body as Problem;
  assert.equal(typeof problem.type, 'string');
  assert.equal(problem.status, answer.status);
  assert.doesNotMatch(JSON.stringify(problem), /node_modules|\.ts:\d/, 'no stack trace');
}

/** Refused as a whole: nothing of it is received. */
const REFUSED: readonly [string, string | Buffer, Record<string, string>, number[]][] = [
  ['malformed JSON', '{"batch": [', {}, [400]],
  ['an empty body', '', {}, [400]],
  ['a body that is no object', '[1, 2]', {}, [400]],
  ['a batch that is no list', '{"batch": {"0": 1}}', {}, [400]],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), {}, [400]],
  ['a batch of 501 KB', JSON.stringify({ batch: [{ pad: 'x'.repeat(501 * 1024) }] }), {}, [413]],
  [
    'a message of 100,000 keys',
    `{"batch":[{"type":"track","event":"E","userId":"u","properties":{${Array.from({ length: 100_000 }, (_, key) => `"k${key}":1`).join(',')}}}]}`,
    {},
    [413],
  ],
  ['a wrong key', '{"batch": []}', { authorization: basic('wrong') }, [401]],
  ['an admin token in the place of a key', '{"batch": []}', { authorization: 'Bearer nothing' }, [401]],
  ['a gzip bomb', gzipSync(Buffer.alloc(64 * MIB, 0x20)), { 'content-encoding': 'gzip' }, [413]],
  ['gzip that is none', 'plain', { 'content-encoding': 'gzip' }, [400]],
  ['an unknown encoding', '{}', { 'content-encoding': 'rot13' }, [400, 415]],
];

/** Taken in and put in quarantine, or stored harmlessly: an item that must not harm its neighbours. */
const ODD: readonly [string, string, 'quarantined' | 'stored'][] = [
  ['no identifier', '{"type":"track","event":"E","messageId":"$ID"}', 'quarantined'],
  ['no type', '{"userId":"$USER","event":"E","messageId":"$ID"}', 'quarantined'],
  ['an unknown type', '{"type":"dance","userId":"$USER","messageId":"$ID"}', 'quarantined'],
  [
    'a user id that is a list',
    '{"type":"track","event":"E","userId":["$USER"],"messageId":"$ID"}',
    'quarantined',
  ],
  [
    'traits that are text',
    '{"type":"identify","userId":"$USER","traits":"x","messageId":"$ID"}',
    'quarantined',
  ],
  ['null', 'null', 'quarantined'],
  ['a number', '7', 'quarantined'],
  [
    '33 KB',
    `{"type":"track","event":"E","userId":"$USER","messageId":"$ID","properties":{"pad":"${'x'.repeat(33 * 1024)}"}}`,
    'quarantined',
  ],
  [
    'deep nesting',
    `{"type":"track","event":"E","userId":"$USER","messageId":"$ID","properties":{"a":${'['.repeat(5000)}${']'.repeat(5000)}}}`,
    'quarantined',
  ],
  [
    'thousands of keys',
    `{"type":"track","event":"E","userId":"$USER","messageId":"$ID","properties":{${Array.from({ length: 2500 }, (_, key) => `"k${key}":1`).join(',')}}}`,
    'quarantined',
  ],
  [
    'more keys than a message may have bytes',
    `{"type":"track","event":"E","userId":"$USER","messageId":"$ID","properties":{${Array.from({ length: 40_000 }, (_, key) => `"k${key}":1`).join(',')}}}`,
    'quarantined',
  ],
  [
    'a time that is none',
    '{"type":"track","event":"E","userId":"$USER","messageId":"$ID","timestamp":"soon"}',
    'quarantined',
  ],
  [
    'NUL in an identifier',
    '{"type":"track","event":"E","userId":"$USER\\u0000","messageId":"$ID"}',
    'quarantined',
  ],
  [
    'a lone surrogate',
    '{"type":"track","event":"\\ud800","userId":"$USER","messageId":"$ID"}',
    'quarantined',
  ],
  [
    'a number beyond 2^53',
    '{"type":"track","event":"E","userId":"$USER","messageId":"$ID","properties":{"n":9007199254740993}}',
    'stored',
  ],
];

/** Every bad input is answered with what is wrong, and nothing is lost. */
export function badInputCases(platform: Running): void {
  for (const [what, body, headers, statuses] of REFUSED)
    it(`refuses ${what}`, async () => {
      const before = await platform().status();
      assertProblem(await platform().post('/v1/batch', body, headers), statuses);
      assert.equal((await platform().status()).sources['web']?.received, before.sources['web']?.received);
    });

  for (const [what, template, outcome] of ODD)
    it(`isolates an item with ${what}`, async () => {
      const user = word('odd');
      const item = template.replace('$ID', word('m')).replace('$USER', user);
      const neighbour = JSON.stringify(track('Neighbour', { userId: user }));
      const before = await platform().drained();
      const answer = await platform().post('/v1/batch', `{"batch":[${neighbour},${item}]}`);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      const after = await platform().drained();
      const delta = (key: 'received' | 'stored' | 'quarantined'): number =>
        after.sources['web']![key] - before.sources['web']![key];
      assert.equal(delta('received'), 2);
      assert.equal(delta(outcome), outcome === 'stored' ? 2 : 1);
      const names = (await platform().timeline(`userId:${user}`)).map((event) => event.event);
      assert.ok(names.includes('Neighbour'));
    });

  it('keeps __proto__ as data or out of the profile, and pollutes nothing', async () => {
    const user = word('proto');
    const text = `{"batch":[{"type":"identify","userId":"${user}","messageId":"${word('m')}","traits":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"city":"Lier"}}]}`;
    assert.equal((await platform().post('/v1/batch', text)).status, 200);
    await platform().send([track('After', { userId: user })]);
    await platform().drained();
    const profile = await platform().api<{ traits: Record<string, unknown> }>(
      `/v1/profiles/${encodeURIComponent(`userId:${user}`)}`,
    );
    assert.equal(profile.status, 200);
    assert.equal(profile.body.traits['polluted'], undefined);
    const status = await platform().status();
    assert.equal((status as unknown as Record<string, unknown>)['polluted'], undefined);
  });

  it('refuses readers without the token, and a write key in its place', async () => {
    for (const authorization of [
      undefined,
      'Bearer wrong',
      basic(platform().tokens.writeKeys['web'] ?? ''),
    ]) {
      const answer = await fetch(`${platform().url}/v1/status`, {
        headers: authorization === undefined ? {} : { authorization },
      });
      assert.equal(answer.status, 401);
    }
  });

  it('answers an address of nobody with 404 and a nonsense address with 400 or 404', async () => {
    const answers = await Promise.all(
      ['userId:nobody-at-all', '../../etc/passwd', 'p_000', ':', 'userId:', '%00'].map((address) =>
        platform().api(`/v1/profiles/${encodeURIComponent(address)}`),
      ),
    );
    assertProblem(answers[0]!, [404]);
    for (const answer of answers.slice(1)) assertProblem(answer, [400, 404]);
  });
}

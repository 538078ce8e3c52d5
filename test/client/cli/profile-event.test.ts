import assert from 'node:assert/strict';
import { eachOnStub, type Ran, type StubPlatform } from './stub.ts';

const EVENT = {
  messageId: 'sendgrid-a/1',
  event: 'Email Opened',
  timestamp: '2026-01-05T00:00:00.000Z',
  receivedAt: '2026-01-05T00:00:01.000Z',
  source: 'email',
  mapping: 'sendgrid@1',
  identifiers: ['email:jane@example.com'],
  properties: { category: ['news'] },
  traits: {},
};
const CALL = 'GET /v1/profiles/email%3Ajane%40example.com/events/sendgrid-a%2F1';

describe('tessera profile event', function () {
  this.timeout(30_000);
  let stub: StubPlatform;
  const command = eachOnStub((given) => {
    ({ stub } = given);
    stub.on(CALL, { body: { ...EVENT, raw: { body: { event: 'open', note: 'a\u001bb' } } } });
  });
  const run = (...args: string[]): Promise<Ran> =>
    command('profile', 'event', 'email:jane@example.com', 'sendgrid-a/1', ...args);

  it('shows the event and the record as it came, with nothing that steers a terminal', async () => {
    const ran = await run('--source', 'email');
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.out, /Email Opened\n/);
    assert.match(ran.out, /category +news\n/);
    assert.match(ran.out, /"event": "open"/);
    assert.ok(!ran.out.includes('\u001b'));
    assert.match(stub.seen[0]?.url ?? '', /\?source=email$/);
  });

  it('answers programs with the event as the API has it', async () => {
    const { raw, ...event } = JSON.parse((await run('--json')).out) as Record<string, unknown>;
    assert.deepEqual(event, EVENT);
    assert.deepEqual(raw, { body: { event: 'open', note: 'a\u001bb' } });
  });

  it('says where the record is gone', async () => {
    stub.on(CALL, { body: { ...EVENT, raw: null } });
    const ran = await run();
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.out, /The record that it was made of is gone\./);
  });
});

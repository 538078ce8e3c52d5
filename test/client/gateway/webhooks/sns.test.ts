import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { amazonUrl } from '../../../../client/gateway/webhooks/sns.ts';
import { startGateway } from '../support.ts';
import type { Running } from '../support.ts';
import { CONNECTIONS, signSns, TOPIC } from './signing.ts';
import { CERTIFICATE, KEY } from './sns-certificate.ts';

const key = createPrivateKey(KEY);
const NOW = new Date('2027-01-01T12:00:00.000Z');
const SUBSCRIBE = 'https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=x&Token=y';

describe('webhooks of Amazon SES through SNS', () => {
  let running: Running;
  const visited: string[] = [];
  const fetched: string[] = [];
  let away = false;
  before(async () => {
    running = await startGateway({
      now: () => NOW,
      sns: {
        certificate: (url) => {
          if (away) return Promise.reject(new Error('away'));
          fetched.push(url.href);
          return Promise.resolve(CERTIFICATE);
        },
        confirm: (url) => {
          if (away) return Promise.reject(new Error('away'));
          visited.push(url.href);
          return Promise.resolve();
        },
      },
    });
    await running.api('/v1/sources', { method: 'POST', body: { name: 'ses', ...CONNECTIONS.ses } });
  });
  after(() => running.stop());

  let count = 0;
  async function notification(change: Record<string, string> = {}): Promise<Record<string, string>> {
    const event = await readFile(
      new URL('../../../../docs/samples/ses/bounce.json', import.meta.url),
      'utf8',
    );
    return {
      Type: 'Notification',
      MessageId: `165545c9-2a5c-472c-8df2-7ff2be2b3${String(count++).padStart(3, '0')}`,
      TopicArn: TOPIC,
      Message: event,
      Timestamp: '2027-01-01T11:59:59.000Z',
      ...change,
    };
  }
  const confirmation = (change: Record<string, string> = {}): Record<string, string> => ({
    Type: 'SubscriptionConfirmation',
    MessageId: '165545c9-2a5c-472c-8df2-7ff2be2b3b1b',
    Token: '2336412f37',
    TopicArn: TOPIC,
    Message: 'You have chosen to subscribe to the topic.',
    SubscribeURL: SUBSCRIBE,
    Timestamp: '2027-01-01T11:00:00.000Z',
    ...change,
  });
  /** As SNS sends it: JSON in text/plain. */
  async function send(message: object): Promise<number> {
    const answer = await fetch(`${running.url}/v1/webhooks/ses`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=UTF-8' },
      body: JSON.stringify(message),
    });
    return answer.status;
  }

  it('confirm the subscription by the address that comes with it, once its signature is checked', async () => {
    assert.equal(await send(confirmation()), 401);
    assert.deepEqual(visited, []);
    assert.equal(await send(signSns(confirmation(), key)), 200);
    assert.deepEqual(visited, [SUBSCRIBE]);
  });

  for (const version of ['1', '2'] as const) {
    it(`take a notification of signature version ${version}, with or without a subject`, async () => {
      const before = (await running.items('ses')).length;
      assert.equal(await send(signSns(await notification(), key, version)), 200);
      assert.equal(await send(signSns(await notification({ Subject: 'Hello' }), key, version)), 200);
      const items = await running.items('ses');
      assert.equal(items.length, before + 2);
      assert.equal((items.at(-1)?.body as { eventType: string }).eventType, 'Bounce');
      assert.match(JSON.stringify(items.at(-1)?.delivery), /"messageId":"165545c9/);
    });
  }

  it('hold the certificate instead of fetching it for each message', () => {
    assert.equal(fetched.length, 1);
  });

  it('are refused when replayed, changed, of another topic, or signed by a certificate from elsewhere', async () => {
    const signed = signSns(await notification(), key);
    assert.equal(await send(signed), 200);
    const before = (await running.items('ses')).length;
    assert.equal(await send(signed), 401);
    assert.equal(await send({ ...signed, Message: '{}' }), 401);
    assert.equal(await send({ ...signed, SignatureVersion: '3' }), 401);
    assert.equal(await send(signSns(await notification({ TopicArn: `${TOPIC}-other` }), key)), 401);
    for (const SigningCertURL of [
      'https://example.com/x.pem',
      'http://sns.us-east-1.amazonaws.com/x.pem',
      'https://sns.us-east-1.amazonaws.com.example.com/x.pem',
      'https://sns.us-east-1.amazonaws.com/x.txt',
    ]) {
      assert.equal(
        await send({ ...signSns(await notification(), key), SigningCertURL }),
        401,
        SigningCertURL,
      );
    }
    assert.equal((await running.items('ses')).length, before);
    assert.equal(fetched.length, 1);
    const { body } = await running.api('/v1/sources/ses/health');
    const {
      replayed,
      'wrong-signature': wrong,
      'wrong-sender': foreign,
    } = body['refusedBy'] as Record<string, number>;
    assert.deepEqual([replayed, wrong, foreign], [1, 6, 1]);
  });

  it('are taken for as long as SNS tries again, and refused as stale after that', async () => {
    const at = (Timestamp: string) => notification({ Timestamp });
    const before = (await running.items('ses')).length;
    assert.equal(await send(signSns(await at('2027-01-01T11:00:00.000Z'), key)), 200, 'the last retry');
    for (const late of ['2027-01-01T10:54:59.000Z', '2026-12-01T12:00:00.000Z', 'long ago'])
      assert.equal(await send(signSns(await at(late), key)), 401, late);
    assert.equal((await running.items('ses')).length, before + 1);
    const { body } = await running.api('/v1/sources/ses/health');
    assert.equal((body['refusedBy'] as Record<string, number>)['stale'], 3);
  });

  it('visit no address but Amazon’s own', async () => {
    const hostile = signSns(confirmation({ SubscribeURL: 'https://169.254.169.254/latest/meta-data' }), key);
    assert.equal(await send(hostile), 400);
    assert.equal(visited.length, 1);
  });

  it('are asked for again while Amazon does not answer', async () => {
    away = true;
    const late = signSns(confirmation({ MessageId: 'another' }), key);
    assert.equal(await send(late), 503);
    away = false;
    assert.equal(await send(late), 200);
    assert.equal(visited.length, 2);
  });
});

describe('addresses of Amazon SNS', () => {
  for (const [url, allowed] of [
    ['https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-x.pem', true],
    ['https://sns.cn-north-1.amazonaws.com.cn/?Action=ConfirmSubscription', true],
    ['http://sns.eu-central-1.amazonaws.com/', false],
    ['https://sns.eu-central-1.amazonaws.com:8443/', false],
    ['https://user:pw@sns.eu-central-1.amazonaws.com/', false],
    ['https://sns.evil.com/', false],
    ['https://evil-sns.eu-central-1.amazonaws.com/', false],
    ['https://sns.a.b.amazonaws.com/', false],
    ['https://[::1]/', false],
    ['file:///etc/passwd', false],
    ['nonsense', false],
    [undefined, false],
  ] as const) {
    it(`${allowed ? 'are' : 'are not'} such as ${url ?? 'nothing'}`, () => {
      assert.equal(amazonUrl(url) !== undefined, allowed);
    });
  }
});

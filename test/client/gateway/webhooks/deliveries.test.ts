import assert from 'node:assert/strict';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../../../../client/gateway/log.ts';
import { Deliveries, digestOf, REMEMBERED_SECONDS } from '../../../../client/gateway/webhooks/deliveries.ts';
import { sendgrid } from '../../../../client/gateway/webhooks/vendors/sendgrid.ts';
import type { WebhookCall } from '../../../../client/gateway/webhooks/types.ts';
import type { BatchStore } from '../../../../storage/intake/types.ts';
import { startGateway } from '../support.ts';
import { CONNECTIONS, SIGN } from './signing.ts';

const log = createLogger('silent', 'demo');

describe('deliveries', () => {
  it('are known by another process once they are written, until they are forgotten', async () => {
    const taken = new Map<string, number>();
    const store = {
      wasTaken: (_source: string, digest: string) => Promise.resolve(taken.has(digest)),
      remember: (all: readonly { digest: string; expiresAt: number }[]) => {
        for (const { digest, expiresAt } of all) taken.set(digest, expiresAt);
        return Promise.resolve();
      },
    };
    const one = new Deliveries(store, log, () => 5_000);
    const other = new Deliveries(store, log, () => 5_000);
    assert.equal(await one.begin('s', 'd'), 'new');
    assert.equal(await one.begin('s', 'd'), 'in-flight');
    one.done('s', 'd');
    assert.equal(await one.begin('s', 'd'), 'taken');
    await one.drain();
    assert.equal(await other.begin('s', 'd'), 'taken');
    assert.equal(taken.get('d'), 5 + REMEMBERED_SECONDS);
    assert.equal(await other.begin('t', 'e'), 'new');
    other.gone('t', 'e');
    assert.equal(await other.begin('t', 'e'), 'new');
  });

  it('are told apart by all that was signed', () => {
    assert.notEqual(digestOf(['a', Buffer.from('b')]), digestOf(['a', Buffer.from('c')]));
    assert.equal(digestOf(['ab']), digestOf([Buffer.from('a'), 'b']));
  });

  it('whose sender hung up before the answer get through again, and are not replays', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let appended = 0;
    const wrap = (batches: BatchStore): BatchStore => ({
      ...batches,
      append: async (header, lines) => {
        if (appended++ === 0) await held;
        return batches.append(header, lines);
      },
    });
    const running = await startGateway({ wrap });
    try {
      await running.api('/v1/sources', { method: 'POST', body: { name: 'meta', ...CONNECTIONS.meta } });
      const message = '{"object":"page","entry":[{"id":"1","changes":[{"field":"feed","value":{}}]}]}';
      const { body, headers } = SIGN.meta(message, new Date());
      const url = `${running.url}/v1/webhooks/meta`;
      const call = request(url, { method: 'POST', headers });
      call.once('error', () => undefined);
      call.end(body);
      while (appended === 0) await sleep(5);
      const again = await fetch(url, { method: 'POST', headers, body });
      assert.equal(again.status, 409, 'the first is still being stored');
      call.destroy();
      release();
      let status = 409;
      while (status === 409) ({ status } = await fetch(url, { method: 'POST', headers, body }));
      assert.equal(status, 200);
      assert.equal((await fetch(url, { method: 'POST', headers, body })).status, 401);
    } finally {
      await running.stop();
    }
  });
});

describe("SendGrid's own example", () => {
  const PUBLIC_KEY =
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA==';
  const TIMESTAMP = '1588788367';
  const call: WebhookCall = {
    method: 'POST',
    url: '',
    headers: {
      'x-twilio-email-event-webhook-signature':
        'MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0=',
      'x-twilio-email-event-webhook-timestamp': TIMESTAMP,
    },
    query: new URLSearchParams(),
    body: Buffer.from('{"category":"example_payload","event":"test_event","message_id":"message_id"}'),
    nowMs: Number(TIMESTAMP) * 1_000,
  };

  it('is verified, and nothing that differs from it is', async () => {
    const credentials = { secrets: [PUBLIC_KEY], settings: {} };
    assert.equal((await sendgrid.verify(call, credentials)).ok, true);
    const other = { ...call, body: Buffer.from('payload') };
    assert.deepEqual(await sendgrid.verify(other, credentials), { ok: false, reason: 'wrong-signature' });
    for (const secret of ['no key', PUBLIC_KEY.replace('EEDr2', 'EEDr3')]) {
      assert.equal((await sendgrid.verify(call, { secrets: [secret], settings: {} })).ok, false);
    }
  });
});

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { Vendor } from '../../../../domain/ingestion/vendors.ts';
import type { WebhookCall } from '../../../../client/gateway/webhooks/types.ts';
import { salesforce } from '../../../../client/gateway/webhooks/vendors/salesforce.ts';
import { startGateway } from '../support.ts';
import type { Running } from '../support.ts';
import { CONNECTIONS, SECRET, SIGN, type Signed } from './signing.ts';

const NOW = new Date('2026-11-23T12:00:00.000Z');
const MINUTE = 60_000;

const SAMPLE: Record<Exclude<Vendor, 'ses'>, { file: string; items: number }> = {
  shopify: { file: 'shopify/orders-create.json', items: 1 },
  square: { file: 'square/payment-updated.json', items: 1 },
  hubspot: { file: 'hubspot/contacts.json', items: 6 },
  salesforce: { file: 'salesforce/contact.xml', items: 2 },
  zendesk: { file: 'zendesk/ticket-created.json', items: 1 },
  'amazon-connect': { file: 'amazon-connect/contact-record.json', items: 1 },
  sendgrid: { file: 'sendgrid/events.json', items: 11 },
  meta: { file: 'meta/message.json', items: 3 },
};

async function sample(vendor: keyof typeof SAMPLE): Promise<string> {
  return readFile(new URL(`../../../../docs/samples/${SAMPLE[vendor].file}`, import.meta.url), 'utf8');
}

describe('webhooks', () => {
  let running: Running;
  before(async () => {
    running = await startGateway({ now: () => NOW });
    for (const [name, connection] of Object.entries(CONNECTIONS)) {
      const { status, body } = await running.api('/v1/sources', {
        method: 'POST',
        body: { name, ...connection },
      });
      assert.equal(status, 201, JSON.stringify(body));
    }
  });
  after(() => running.stop());

  async function send(
    source: string,
    { body, headers, query = '' }: Signed,
  ): Promise<{ status: number; text: string; headers: Headers }> {
    const answer = await fetch(`${running.url}/v1/webhooks/${source}${query}`, {
      method: 'POST',
      body,
      headers,
    });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  }

  async function refused(source: string): Promise<Record<string, number>> {
    const { body } = await running.api('/v1/status');
    const counts = (body['sources'] as Record<string, { refusedBy?: Record<string, number> }>)[source];
    return counts?.refusedBy ?? {};
  }

  for (const vendor of Object.keys(SAMPLE) as (keyof typeof SAMPLE)[]) {
    describe(`of ${vendor}`, () => {
      it('are durable before they are answered, and known by the vendor’s mapping', async () => {
        const answer = await send(vendor, SIGN[vendor](await sample(vendor), NOW));
        assert.equal(answer.status, 200, answer.text);
        const items = await running.items(vendor);
        assert.equal(items.length, SAMPLE[vendor].items);
        const [header] = await running.store.batches.pending(vendor, 0, 1);
        assert.equal(header?.mapping, vendor);
      });

      it('are refused when they are replayed: counted, and nothing is stored', async () => {
        const answer = await send(vendor, SIGN[vendor](await sample(vendor), NOW));
        assert.equal(answer.status, 401, answer.text);
        assert.equal((JSON.parse(answer.text) as { type: string }).type, 'urn:tessera:error:replayed');
        assert.equal((await running.items(vendor)).length, SAMPLE[vendor].items);
        assert.equal((await refused(vendor))['replayed'], 1);
      });

      it('are refused when their signature is wrong, missing, or of another body', async () => {
        const body = `${await sample(vendor)} `;
        const wrong = await send(vendor, SIGN[vendor](body, NOW, 'another-secret'));
        assert.equal(wrong.status, 401, wrong.text);
        const bare = await send(vendor, { body, headers: { 'content-type': 'application/json' } });
        assert.equal(bare.status, 401);
        if (vendor !== 'salesforce' && vendor !== 'amazon-connect') {
          const { headers } = SIGN[vendor](body, NOW);
          assert.equal((await send(vendor, { body: `${body} `, headers })).status, 401);
        }
        assert.equal((await running.items(vendor)).length, SAMPLE[vendor].items);
        assert.ok((await refused(vendor))['no-signature']! >= 1);
        assert.ok((await refused(vendor))['wrong-signature']! >= 1);
      });
    });
  }

  describe('each by its own rules,', () => {
    for (const [vendor, tooOldMs] of [
      ['hubspot', 5 * MINUTE + 1],
      ['zendesk', 5 * MINUTE + 1],
      ['sendgrid', 26 * 60 * MINUTE],
    ] as const) {
      it(`of ${vendor} are refused once their signed time is too old, or in the future`, async () => {
        const body = (await sample(vendor)).replace(/\d\d\d\n/, '777\n');
        for (const at of [NOW.getTime() - tooOldMs, NOW.getTime() + tooOldMs]) {
          const answer = await send(vendor, SIGN[vendor](body, new Date(at)));
          assert.equal(
            (JSON.parse(answer.text) as { type: string }).type,
            'urn:tessera:error:stale-signature',
          );
          assert.equal(answer.status, 401);
        }
        assert.equal((await refused(vendor))['stale'], 2);
      });
    }

    it('keep ids of more digits than a double holds', async () => {
      const [item] = await running.items('shopify');
      const body = item?.body as { id: string; customer: { id: string }; order_number: number };
      assert.deepEqual(
        [body.id, body.customer.id, body.order_number],
        ['820982911946154508', '115310627314723954', 1234],
      );
      assert.equal(item?.delivery?.['topic'], 'orders/create');
      assert.equal(item.ip, undefined, 'the address is the vendor’s, not the customer’s');
    });

    it('of HubSpot that are sent again say the same as before, whatever the attempt', async () => {
      const body = (await sample('hubspot')).replaceAll('"attemptNumber": 0', '"attemptNumber": 1');
      const before = (await running.items('hubspot')).length;
      assert.equal((await send('hubspot', SIGN.hubspot(body, new Date(NOW.getTime() + 1_000)))).status, 200);
      const items = await running.items('hubspot');
      assert.deepEqual(items[before]?.body, items[0]?.body);
      assert.deepEqual(items[before]?.delivery, { attemptNumber: 1 });
    });

    it('of Salesforce are acknowledged in its own words, and those of others are not', async () => {
      const message = await sample('salesforce');
      const ours = message.replace('04l0800002nrC5BAAU', '04l0800002nrC5ZAAU');
      const answer = await send('salesforce', SIGN.salesforce(ours, NOW));
      assert.match(answer.headers.get('content-type') ?? '', /^text\/xml/);
      assert.match(
        answer.text,
        /<notificationsResponse xmlns="http:\/\/soap\.sforce\.com\/2005\/09\/outbound"><Ack>true<\/Ack>/,
      );
      const other = await send(
        'salesforce',
        SIGN.salesforce(message.replace('00D24000000abcd', '00D24000000wxyz'), NOW),
      );
      assert.equal(other.status, 401);
      assert.equal((await refused('salesforce'))['wrong-sender'], 1);
      assert.ok(!JSON.stringify(await running.items('salesforce')).includes('SessionId'));
    });

    it('of Salesforce are known by the organization where the stored connection has no secret', async () => {
      const call: WebhookCall = {
        ...{ method: 'POST', url: '', headers: {}, query: new URLSearchParams(), nowMs: NOW.getTime() },
        body: Buffer.from(await sample('salesforce')),
      };
      const from = (organizationId: string) =>
        salesforce.verify(call, { secrets: [], settings: { organizationId } });
      assert.equal((await from('00D24000000abcd')).ok, true);
      assert.deepEqual(await from('00D24000000wxyz'), { ok: false, reason: 'wrong-sender' });
    });

    it('of Salesforce never expand entities, nor take a message that was cut short', async () => {
      const message = await sample('salesforce');
      const bomb = message.replace(
        '<soapenv:Envelope',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><soapenv:Envelope',
      );
      for (const body of [bomb, message.slice(0, 1_500), 'no xml', '<a/>']) {
        const answer = await send('salesforce', SIGN.salesforce(body, NOW));
        assert.equal(answer.status, 400, answer.text);
      }
    });

    it('of a Firehose are answered with the id of its request, gzip or not, several records in one', async () => {
      const record = await sample('amazon-connect');
      const two = record.trim() + record.trim().replaceAll('b3a9b2b6', 'c4a9b2b6');
      const { body, headers } = SIGN['amazon-connect'](two, NOW);
      const before = (await running.items('amazon-connect')).length;
      const answer = await fetch(`${running.url}/v1/webhooks/amazon-connect`, {
        method: 'POST',
        body: new Uint8Array(gzipSync(body)),
        headers: { ...headers, 'content-encoding': 'gzip' },
      });
      assert.equal(answer.headers.get('content-type'), 'application/json');
      assert.deepEqual(await answer.json(), {
        requestId: 'ed4acda5-034f-9f42-bba1-f29aea6d7d8f',
        timestamp: NOW.getTime(),
      });
      assert.equal((await running.items('amazon-connect')).length, before + 2);
    });

    it('of Meta prove the address by its challenge, with the right token alone', async () => {
      const ask = (token: string): Promise<Response> =>
        fetch(
          `${running.url}/v1/webhooks/meta?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=1158201444`,
        );
      const right = await ask('verify-me');
      assert.deepEqual([right.status, await right.text()], [200, '1158201444']);
      assert.match(right.headers.get('content-type') ?? '', /^text\/plain/);
      assert.equal((await ask('guess')).status, 401);
      assert.equal((await fetch(`${running.url}/v1/webhooks/shopify`)).status, 405);
    });

    it('of Square are signed for the address that the first of several proxies was asked at', async () => {
      const body = { name: 'tills', vendor: 'square', secret: SECRET };
      assert.equal((await running.api('/v1/sources', { method: 'POST', body })).status, 201);
      const delivery = await sample('square');
      const url = 'https://hooks.example.com/v1/webhooks/tills';
      const headers = {
        'content-type': 'application/json',
        'x-forwarded-proto': 'https, http',
        'x-forwarded-host': 'hooks.example.com, 10.0.0.7',
        'x-square-hmacsha256-signature': createHmac('sha256', SECRET)
          .update(url)
          .update(delivery)
          .digest('base64'),
      };
      assert.equal((await send('tills', { body: delivery, headers })).status, 200);
    });

    it('take both secrets while one is rotated, and never show either', async () => {
      const path = '/v1/sources/shopify/rotate-secret';
      const rotated = await running.api(path, { method: 'POST', body: { secret: 'new-secret' } });
      assert.equal(rotated.status, 200);
      assert.equal((await send('shopify', SIGN.shopify('{"id": 1}', NOW, 'new-secret'))).status, 200);
      assert.equal((await send('shopify', SIGN.shopify('{"id": 2}', NOW))).status, 200);
      await running.api(path, { method: 'POST', body: { secret: 'newest', revokeOld: true } });
      assert.equal((await send('shopify', SIGN.shopify('{"id": 3}', NOW))).status, 401);
      const shown = JSON.stringify([rotated.body, (await running.api('/v1/sources')).body]);
      for (const secret of [SECRET, 'new-secret', 'newest', 'verify-me'])
        assert.ok(!shown.includes(secret), secret);
    });

    it('tell what is missing where a source is connected, and where there is none', async () => {
      const connect = (body: object): Promise<{ status: number; body: Record<string, unknown> }> =>
        running.api('/v1/sources/crm/connect', { method: 'POST', body });
      const open = await connect({ vendor: 'salesforce', settings: { organizationId: '00D24000000abcd' } });
      assert.equal(open.status, 422);
      assert.match(String(open.body['detail']), /secret: is required/);
      const bare = await connect({ vendor: 'salesforce', secret: SECRET });
      assert.equal(bare.status, 422);
      assert.match(String(bare.body['detail']), /settings\.organizationId: is required/);
      assert.equal((await connect({ vendor: 'hubspot' })).status, 422);
      assert.equal((await connect({ vendor: 'ses', settings: { topicArn: 'x' } })).status, 422);
      assert.equal((await connect({ vendor: 'zendesk', secret: 's', settings: { other: 'x' } })).status, 422);
      assert.equal((await send('crm', SIGN.hubspot('[]', NOW))).status, 409);
      assert.equal((await send('nobody', SIGN.hubspot('[]', NOW))).status, 404);
      const done = await connect({ vendor: 'zendesk', secret: SECRET });
      assert.equal(done.status, 200);
      assert.equal((await send('crm', SIGN.zendesk(await sample('zendesk'), NOW))).status, 200);
    });

    it('are counted in metrics, and remembered by the store', async () => {
      const metrics = await (await fetch(`${running.url}/metrics`)).text();
      assert.match(metrics, /tessera_webhooks_refused_total\{source="meta",reason="replayed"\} \d/);
      const { body } = await running.api('/v1/status');
      const { meta } = body['sources'] as Record<
        string,
        { refused: number; received: number; pending: number }
      >;
      assert.ok(meta!.refused > 0);
      assert.equal(meta!.received, meta!.pending);
      const health = await running.api('/v1/sources/meta/health');
      assert.deepEqual(health.body['refusedBy'], await refused('meta'));
    });

    it('are refused when too large, before their signature is looked at', async () => {
      const answer = await send('meta', SIGN.meta('x'.repeat(5 * 1024 * 1024), NOW));
      assert.equal(answer.status, 413);
    });
  });
});

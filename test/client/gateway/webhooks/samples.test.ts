import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { DEFAULT_IDENTITY_RULES } from '../../../../domain/identity/rules.ts';
import type { CanonicalEvent } from '../../../../domain/ingestion/event.ts';
import { VENDORS, type Vendor } from '../../../../domain/ingestion/vendors.ts';
import { BUILT_IN_MAPPINGS } from '../../../../domain/mapping/built-in.ts';
import { compileMapping, mapItem } from '../../../../domain/mapping/map-item.ts';
import { readSample } from '../../../../client/gateway/webhooks/sample.ts';

const SAMPLES = new URL('../../../../docs/samples/', import.meta.url);

/** The events of a sample file, as its vendor's mapping makes them. */
async function eventsOf(vendor: Vendor, file: string): Promise<CanonicalEvent[]> {
  const definition = BUILT_IN_MAPPINGS.find(({ name }) => name === VENDORS[vendor].mapping);
  assert.ok(definition);
  const mapping = compileMapping(definition);
  const payload = await readFile(new URL(`${vendor}/${file}`, SAMPLES), 'utf8');
  return (await readSample(vendor, payload)).flatMap((item, index) => {
    const mapped = mapItem(
      mapping,
      { ...item, receivedAt: '2026-11-23T12:00:00.000Z' },
      { source: 's', rules: DEFAULT_IDENTITY_RULES, fallbackMessageId: `f-${index}` },
    );
    assert.ok(mapped.ok, JSON.stringify(mapped));
    return mapped.events;
  });
}

const shown = (events: CanonicalEvent[]): string[] =>
  events.map(
    ({ event, messageId, timestamp, identifiers }) =>
      `${timestamp.slice(0, 19)} ${event} [${identifiers.map(({ type, value }) => `${type}:${value}`).join(' ')}] ${messageId}`,
  );

const EXPECTED: Record<Vendor, Record<string, string[]>> = {
  shopify: {
    'orders-create.json': [
      '2022-01-01T00:00:00 Order Completed [crmId:shopify-115310627314723954 email:jon@example.com orderId:shopify-820982911946154508] shopify-order-820982911946154508',
    ],
    'refunds-create.json': [
      '2022-01-01T00:00:00 Order Refunded [orderId:shopify-820982911946154508] shopify-refund-890088186047892319',
    ],
  },
  square: {
    'payment-updated.json': [
      '2020-02-06T21:27:34 Payment Updated [crmId:square-VDKXEEKPJN48QDG3BGGFAK05P8 email:lauren.nobel@example.com orderId:square-03O3USaPaAaFnI6kkwB1JxGgBsUZY] square-6a8f5f28-54a1-4eb0-a98a-3111513fd4fc',
      '2020-02-06T21:27:30 Order Completed [crmId:square-VDKXEEKPJN48QDG3BGGFAK05P8 email:lauren.nobel@example.com orderId:square-03O3USaPaAaFnI6kkwB1JxGgBsUZY] square-payment-hYy9pRFVxpDsO1FB05SunFWUe9JZY',
    ],
    'refund-updated.json': [
      '2020-02-06T22:14:16 Refund Updated [orderId:square-haOyDuiqqtXVk0P8xvBRbpNVsJVZY] square-bc316346-6691-4243-88ed-6d651a0d0c47',
      '2020-02-06T21:27:41 Order Refunded [orderId:square-haOyDuiqqtXVk0P8xvBRbpNVsJVZY] square-refund-KkAkhdMsgzn59SM8A89WgKwekxLZY_ptNBVqHYxt5gAdfcobBe4u1AZsXhoz06KTtuq9Ls24P',
    ],
    'order-updated.json': [],
  },
  hubspot: {
    'contacts.json': [
      '2016-05-02T19:11:47 Identify [crmId:1246965] hubspot-3816279340-1246965-1462216307945',
      '2016-05-02T19:11:48 Identify [crmId:1246965 email:jane.doe@example.com] hubspot-3816279341-1246965-1462216308000',
      '2016-05-02T19:11:48 Identify [crmId:1246978] hubspot-3816279480-1246978-1462216308945',
      '2016-05-02T19:11:49 Contact Deleted [crmId:1246979] hubspot-3816279481-1246979-1462216309000',
      '2016-05-02T19:11:50 Contact Merged [crmId:1246965 crmId:1246978 crmId:1246980] hubspot-3816279482-1246980-1462216310000',
    ],
  },
  salesforce: {
    'contact.xml': [
      '2024-03-05T09:30:00 Identify [crmId:0032400000AbCdEAAV email:rose@example.com phone:+17854357600] salesforce-04l0800002nrC5BAAU',
      '2024-03-05T09:31:00 Opportunity Updated [crmId:0032400000AbCdEAAV] salesforce-04l0800002nrC5CAAU',
    ],
  },
  zendesk: {
    'ticket-created.json': [
      '2024-04-17T17:18:10 Case Created [contactId:8447388090494] zendesk-cbe4028c-7239-495d-b020-f22348516046',
    ],
    'user-active-changed.json': [
      '2021-07-04T05:33:18 Identify [contactId:6596848315901 email:client@example.com] zendesk-2b24ef10-19d4-4740-93cf-8f98ec4776c0',
    ],
  },
  'amazon-connect': {
    'contact-record.json': [
      '2023-02-01T15:30:11 Identify [phone:+14155550123] connect-b3a9b2b6-1c0e-4b9a-9d9e-8c2c7d0e4f11-2023-02-01T15:30:11Z',
      '2023-02-01T15:28:57 Call Completed [phone:+14155550123] connect-b3a9b2b6-1c0e-4b9a-9d9e-8c2c7d0e4f11',
    ],
  },
  ses: {
    'bounce.json': ['2017-08-05T00:41:02 Email Bounced [email:recipient@example.com] f-0'],
    'click.json': ['2017-08-09T23:51:25 Email Link Clicked [email:recipient@example.com] f-0'],
    'delivery.json': ['2016-10-19T23:21:04 Email Delivered [email:recipient@example.com] f-0'],
    'open.json': ['2017-08-09T22:00:19 Email Opened [email:recipient@example.com] f-0'],
  },
  sendgrid: {
    'events.json': [
      'Email Sent [email:example@test.example.com] sendgrid-rbtnWrG1DVDGGGFHFyun0A==',
      'Email Delayed [email:example@test.example.com] sendgrid-t7LEShmowp86DTdUW8M-GQ==',
      'Email Delivered [email:example@test.example.com] sendgrid-ZGVsaXZlcmVk-0001',
      'Email Opened [email:example@test.example.com] sendgrid-FOTFFO0ecsBE-zxFXfs6WA==',
      'Email Link Clicked [email:example@test.example.com] sendgrid-kCAi1KttyQdEKHhdC-nuEA==',
      'Email Bounced [email:example@test.example.com] sendgrid-6g4ZI7SA-xmRDv57GoPIPw==',
      'Email Dropped [email:example@test.example.com] sendgrid-zmzJhfJgAfUSOW80yEbPyw==',
      'Email Marked as Spam [email:example@test.example.com] sendgrid-37nvH5QBz858KGVYCM4uOA==',
      'Unsubscribed [email:example@test.example.com] sendgrid-zz_BjPgU_5pS-J8vlfB1sg==',
      'Unsubscribed [email:example@test.example.com] sendgrid-ahSCB7xYcXFb-hEaawsPRw==',
      'Resubscribed [email:example@test.example.com] sendgrid-w_u0vJhLT-OFfprar5N93g==',
    ].map((text) => `2017-12-15T00:59:29 ${text}`),
  },
  meta: {
    'leadgen.json': [],
    'lead.json': [
      '2015-02-28T08:49:14 Lead Submitted [email:joe@example.com phone:+41446681800] meta-lead-123123123123',
    ],
    'message.json': [
      '2018-02-12T23:46:35 Message Received [socialId:24000000000000001] meta-24000000000000001-1518479195308',
      '2018-02-12T23:46:39 Message Sent [socialId:24000000000000001] meta-24000000000000001-1518479199999-sent',
    ],
    'whatsapp.json': [
      '2025-06-08T20:59:43 Message Received [phone:+16505551234] meta-16505551234-1749416383-0',
    ],
  },
};

describe("the vendors' sample payloads", () => {
  for (const [vendor, files] of Object.entries(EXPECTED) as [Vendor, Record<string, string[]>][]) {
    it(`of ${vendor} are all here, and become canonical events`, async () => {
      assert.deepEqual((await readdir(new URL(`${vendor}/`, SAMPLES))).sort(), Object.keys(files).sort());
      for (const [file, expected] of Object.entries(files)) {
        assert.deepEqual(shown(await eventsOf(vendor, file)), expected, file);
      }
    });
  }

  it('keep money exact, in the units of the Segment spec', async () => {
    const [order] = await eventsOf('shopify', 'orders-create.json');
    const { total, revenue, shipping, discount, currency, products } = order!.properties;
    assert.deepEqual(
      { total, revenue, shipping, discount, currency },
      { total: 398, revenue: 388, shipping: 10, discount: 20, currency: 'USD' },
    );
    assert.deepEqual((products as object[])[1], {
      product_id: '788032119674292922',
      sku: 'example-shirt-s',
      name: 'Example T-Shirt',
      price: 209,
      quantity: 1,
    });
    const [, paid] = await eventsOf('square', 'payment-updated.json');
    assert.deepEqual(
      [paid!.properties['revenue'], paid!.properties['tip'], paid!.properties['total']],
      [1, 0.15, 1.15],
    );
    const [, refund] = await eventsOf('square', 'refund-updated.json');
    assert.equal(refund!.properties['total'], 10);
  });

  it('keep a person’s traits under the names of the Segment spec', async () => {
    const traits = async (vendor: Vendor, file: string): Promise<object> =>
      Object.assign({}, ...(await eventsOf(vendor, file)).map((event) => event.traits)) as object;
    assert.deepEqual(await traits('hubspot', 'contacts.json'), {
      lifecycleStage: 'subscriber',
      email: 'jane.doe@example.com',
    });
    assert.deepEqual(await traits('salesforce', 'contact.xml'), {
      firstName: 'Rose',
      lastName: 'Gonzalez & Co',
      email: 'rose@example.com',
      phone: '+17854357600',
      birthday: '1980-02-29',
      city: 'Lawrence',
      accountId: '0012400000XyZabAAF',
    });
    assert.deepEqual(await traits('meta', 'lead.json'), {
      car_make: 'Honda',
      name: 'Joe Example',
      email: 'joe@example.com',
      phone: '+41446681800',
    });
  });
});

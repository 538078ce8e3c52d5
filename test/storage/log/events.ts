import { createHash } from 'node:crypto';
import { eventAt } from '../../../storage/log/encode.ts';
import { canonicalJson } from '../../../domain/canonical.ts';
import type { AppendRequest, EventLog, FragmentTip, StoredEvent } from '../../../storage/log/types.ts';

const EVENTS = ['Product Viewed', 'Product Added', 'Order Completed', 'Cart Viewed', 'Products Searched'];

/** An id as SDKs make them: random-looking, the same for the same arguments. */
function uuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** A track call of about 700 bytes as an SDK sends it, mapped: the n-th of a person. */
export function typicalEvent(person: number, n: number): StoredEvent {
  const at = Date.UTC(2026, 10, 1) + n * 61_017;
  const sku = uuid(`sku-${n % 7}`).slice(0, 8);
  return {
    messageId: `node-${uuid(`m-${person}-${n}`)}`,
    type: 'track',
    event: EVENTS[n % EVENTS.length] ?? 'Product Viewed',
    timestamp: new Date(at).toISOString(),
    receivedAt: new Date(at + 137 + (n % 5)).toISOString(),
    source: 'web',
    identifiers: [
      { type: 'userId', value: `user-${person}` },
      { type: 'anonymousId', value: uuid(`anon-${person}`) },
    ],
    properties: {
      product_id: sku,
      sku: `SKU-${sku}`,
      category: 'Shoes',
      name: `Runner ${n % 7}`,
      price: 19.5 + (n % 7),
      quantity: 1 + (n % 3),
      currency: 'EUR',
      url: `https://shop.example/products/${sku}`,
    },
    traits: {},
    context: {
      ip: '203.0.113.7',
      locale: 'de-DE',
      library: { name: '@segment/analytics-node', version: '3.1.0' },
      page: {
        path: `/products/${sku}`,
        title: 'Shop',
        url: `https://shop.example/products/${sku}`,
        referrer: '',
      },
      userAgent:
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
    },
    normalizer: 1,
    mapping: 'segment@1',
    batchId: '01JDC9X8A2B3C4D5E6F7G8H9JK',
    index: n,
  };
}

/** An append of these events at the version a fragment was loaded at. */
export function appendOf(log: EventLog, tip: FragmentTip, events: readonly StoredEvent[]): AppendRequest {
  return {
    tip,
    events: events.map((event) => ({
      ...eventAt(event),
      digest: log.digest(canonicalJson(event.properties)),
    })),
  };
}

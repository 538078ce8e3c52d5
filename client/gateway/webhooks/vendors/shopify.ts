import type { JsonObject } from '../../../../domain/json.ts';
import { parseVendorJson } from '../json.ts';
import { header, verifyHmac } from '../signature.ts';
import type { VendorWebhook } from '../types.ts';

/** What is kept of the headers, by the name that mappings know it by. */
const FACTS: readonly (readonly [string, string])[] = [
  ['topic', 'x-shopify-topic'],
  ['shop', 'x-shopify-shop-domain'],
  ['webhookId', 'x-shopify-webhook-id'],
  ['eventId', 'x-shopify-event-id'],
  ['triggeredAt', 'x-shopify-triggered-at'],
  ['apiVersion', 'x-shopify-api-version'],
];

/**
 * Shopify: `X-Shopify-Hmac-Sha256` is base64(HMAC-SHA-256(client secret, body)). Neither a time nor the topic is signed,
 * so that the topic is part of what tells one delivery from another, and what was taken is remembered.
 * shopify.dev/docs/apps/build/webhooks/subscribe/https
 */
export const shopify: VendorWebhook = {
  verify(call, { secrets }) {
    const verdict = verifyHmac(header(call.headers, 'x-shopify-hmac-sha256'), secrets, [call.body]);
    if (!verdict.ok) return verdict;
    return { ok: true, signed: [header(call.headers, 'x-shopify-topic') ?? '', '\n', call.body] };
  },
  read(call) {
    const delivery: JsonObject = {};
    for (const [name, from] of FACTS) {
      const value = header(call.headers, from);
      if (value !== undefined) delivery[name] = value;
    }
    return { items: [{ body: parseVendorJson(call.body), delivery }] };
  },
};

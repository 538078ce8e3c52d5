import { parseVendorJson } from '../json.ts';
import { header, verifyHmac } from '../signature.ts';
import type { VendorWebhook } from '../types.ts';

/**
 * Square: `x-square-hmacsha256-signature` is base64(HMAC-SHA-256(signature key, notification URL + body)). No time is
 * signed; the body's `event_id` tells deliveries apart.
 * developer.squareup.com/docs/webhooks/step3validate
 */
export const square: VendorWebhook = {
  verify: (call, { secrets }) =>
    verifyHmac(header(call.headers, 'x-square-hmacsha256-signature'), secrets, [call.url, call.body]),
  read: (call) => ({ items: [{ body: parseVendorJson(call.body) }] }),
};

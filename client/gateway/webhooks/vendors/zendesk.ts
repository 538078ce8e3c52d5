import { parseVendorJson } from '../json.ts';
import { header, isFresh, refused, verifyHmac } from '../signature.ts';
import type { VendorWebhook } from '../types.ts';

/** Zendesk tries again for a minute at most; it names no tolerance itself. */
const TOLERANCE_MS = 5 * 60_000;

/**
 * Zendesk: `X-Zendesk-Webhook-Signature` is base64(HMAC-SHA-256(signing secret, timestamp + body)), the time in ISO 8601 in
 * `X-Zendesk-Webhook-Signature-Timestamp`. developer.zendesk.com/documentation/webhooks/verifying
 */
export const zendesk: VendorWebhook = {
  verify(call, { secrets }) {
    const timestamp = header(call.headers, 'x-zendesk-webhook-signature-timestamp');
    if (timestamp === undefined) return refused('no-signature');
    const verdict = verifyHmac(header(call.headers, 'x-zendesk-webhook-signature'), secrets, [
      timestamp,
      call.body,
    ]);
    if (verdict.ok && !isFresh(Date.parse(timestamp), call.nowMs, TOLERANCE_MS)) return refused('stale');
    return verdict;
  },
  read(call) {
    const webhookId = header(call.headers, 'x-zendesk-webhook-id');
    const item = { body: parseVendorJson(call.body) };
    return { items: [webhookId === undefined ? item : { ...item, delivery: { webhookId } }] };
  },
};

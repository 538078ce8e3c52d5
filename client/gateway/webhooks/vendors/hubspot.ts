import type { JsonValue } from '../../../../domain/json.ts';
import { listOf, parseVendorJson } from '../json.ts';
import { header, isFresh, refused, verifyHmac } from '../signature.ts';
import type { Incoming, VendorWebhook } from '../types.ts';

const TOLERANCE_MS = 5 * 60_000;
/** The escapes that are decoded in the address before it is signed. */
const DECODED: Readonly<Record<string, string>> = {
  ...{ '%3A': ':', '%2F': '/', '%3F': '?', '%40': '@', '%21': '!', '%24': '$', '%27': "'" },
  ...{ '%28': '(', '%29': ')', '%2A': '*', '%2C': ',', '%3B': ';' },
};

/**
 * HubSpot: `X-HubSpot-Signature-v3` is base64(HMAC-SHA-256(client secret, method + URI + body + timestamp)), the time in
 * milliseconds in `X-HubSpot-Request-Timestamp`, refused beyond five minutes.
 * developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests
 */
export const hubspot: VendorWebhook = {
  verify(call, { secrets }) {
    const signature = header(call.headers, 'x-hubspot-signature-v3');
    const timestamp = header(call.headers, 'x-hubspot-request-timestamp');
    if (signature === undefined || timestamp === undefined) return refused('no-signature');
    const uri = call.url.replace(/%[0-9A-Fa-f]{2}/g, (escape) => DECODED[escape.toUpperCase()] ?? escape);
    const verdict = verifyHmac(signature, secrets, [call.method, uri, call.body, timestamp]);
    if (verdict.ok && !isFresh(Number(timestamp), call.nowMs, TOLERANCE_MS)) return refused('stale');
    return verdict;
  },
  read: (call) => ({ items: listOf(parseVendorJson(call.body)).map(withoutAttempt) }),
};

/** An event sent again differs by its attempt alone, which is no part of what it says. */
function withoutAttempt(event: JsonValue): Incoming {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return { body: event };
  const { attemptNumber, ...body } = event;
  return attemptNumber === undefined ? { body } : { body, delivery: { attemptNumber } };
}

import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { listOf, parseVendorJson } from '../json.ts';
import { header, isFresh, refused } from '../signature.ts';
import type { VendorWebhook, WebhookCall } from '../types.ts';

/** SendGrid tries again for a day; it names no tolerance itself. */
const TOLERANCE_MS = 25 * 3_600_000;
const KEYS_MAX = 100;

const keys = new Map<string, KeyObject | undefined>();

/**
 * SendGrid: `X-Twilio-Email-Event-Webhook-Signature` is base64 of an ECDSA signature (P-256, SHA-256) of timestamp + body,
 * the time in seconds in `X-Twilio-Email-Event-Webhook-Timestamp`; the secret is the public verification key.
 * docs.sendgrid.com/for-developers/tracking-events/getting-started-event-webhook-security-features
 */
export const sendgrid: VendorWebhook = {
  verify(call, { secrets }) {
    const signature = header(call.headers, 'x-twilio-email-event-webhook-signature');
    const timestamp = header(call.headers, 'x-twilio-email-event-webhook-timestamp');
    if (signature === undefined || timestamp === undefined) return refused('no-signature');
    if (!secrets.some((key) => isSigned(call, timestamp, signature, key))) return refused('wrong-signature');
    if (!isFresh(Number(timestamp) * 1_000, call.nowMs, TOLERANCE_MS)) return refused('stale');
    // What was signed, not the signature: of an ECDSA signature there are always two.
    return { ok: true, signed: [timestamp, call.body] };
  },
  read: (call) => ({ items: listOf(parseVendorJson(call.body)).map((body) => ({ body })) }),
};

function isSigned(call: WebhookCall, timestamp: string, signature: string, key: string): boolean {
  const publicKey = keyOf(key);
  if (publicKey === undefined) return false;
  try {
    return verify(
      'sha256',
      Buffer.concat([Buffer.from(timestamp), call.body]),
      publicKey,
      Buffer.from(signature, 'base64'),
    );
  } catch {
    return false;
  }
}

/** The key of its base64 text; undefined where it is none. */
function keyOf(text: string): KeyObject | undefined {
  if (keys.has(text)) return keys.get(text);
  let key: KeyObject | undefined;
  try {
    key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
  } catch {
    key = undefined;
  }
  if (keys.size >= KEYS_MAX) keys.clear();
  keys.set(text, key);
  return key;
}

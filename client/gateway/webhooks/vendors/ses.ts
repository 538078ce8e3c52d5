import type { JsonObject } from '../../../../domain/json.ts';
import { ProblemError } from '../../problem.ts';
import { objectOf, parseVendorJson } from '../json.ts';
import { equals, isFresh, refused } from '../signature.ts';
import { amazonUrl, SnsSignatures, stringToSign, type SnsCalls } from '../sns.ts';
import type { VendorWebhook } from '../types.ts';

/**
 * SNS tries an HTTPS endpoint for an hour at most, a hard limit, and a retry keeps the time of the first try; the rest is for
 * clocks. docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
const TOLERANCE_MS = 65 * 60_000;

/**
 * Amazon SES's event notifications through SNS: RSA signatures (version 1 SHA-1, version 2 SHA-256) by a certificate from
 * Amazon's own host, of messages of the source's own topic; a subscription is confirmed by visiting the address that it
 * brings. docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
export function createSes(calls: SnsCalls): VendorWebhook {
  const signatures = new SnsSignatures(calls);
  return {
    async verify(call, { settings }) {
      const message = envelopeOf(call.body);
      const topic = message['TopicArn'];
      if (message['Signature'] === undefined) return refused('no-signature');
      // Anybody's topic is signed by the same certificate.
      if (typeof topic !== 'string' || !equals(topic, settings['topicArn'] ?? ''))
        return refused('wrong-sender');
      const text = stringToSign(message);
      if (text === undefined) return refused('wrong-signature');
      const isSigned = await fromAmazon(() => signatures.isSigned(message, text, call.nowMs));
      if (!isSigned) return refused('wrong-signature');
      const { Timestamp: sentAt } = message;
      const sentMs = typeof sentAt === 'string' ? Date.parse(sentAt) : NaN;
      return isFresh(sentMs, call.nowMs, TOLERANCE_MS) ? { ok: true, signed: [text] } : refused('stale');
    },
    async read(call) {
      const message = envelopeOf(call.body);
      switch (message['Type']) {
        case 'SubscriptionConfirmation':
          await confirm(message, calls);
          return { items: [] };
        case 'Notification': {
          const { Message: text, MessageId: messageId = null, Timestamp: timestamp = null } = message;
          const body = parseVendorJson(Buffer.from(typeof text === 'string' ? text : ''));
          return { items: [{ body, delivery: { messageId, timestamp } }] };
        }
        default:
          return { items: [] };
      }
    },
  };
}

function envelopeOf(body: Buffer): JsonObject {
  return objectOf(parseVendorJson(body));
}

async function confirm(message: JsonObject, calls: SnsCalls): Promise<void> {
  const url = amazonUrl(message['SubscribeURL']);
  if (url === undefined) {
    throw new ProblemError(
      400,
      'foreign-url',
      'SubscribeURL must be an https address of sns.*.amazonaws.com.',
    );
  }
  await fromAmazon(() => calls.confirm(url));
}

/** SNS sends again what is answered with an error: its own services being away is nothing to lose a message for. */
async function fromAmazon<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new ProblemError(503, 'sns-unavailable', 'Amazon SNS did not answer a call back; send again.', {
      retryAfter: 5,
      cause: error,
    });
  }
}

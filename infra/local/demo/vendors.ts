import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A vendor as it stands behind a source of the demo: what the source is told of it, and how it signs what it sends. */
export interface DemoVendor {
  readonly source: string;
  readonly connection: {
    readonly vendor: string;
    readonly secret: string;
    readonly settings?: Record<string, string>;
  };
  /** The headers of a delivery sent at `now`. */
  headers(body: string, now: Date): Record<string, string>;
}

const JSON_BODY = { 'content-type': 'application/json' };

function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Zendesk: HMAC of time and body. */
function zendesk(): DemoVendor {
  const secret = randomSecret();
  return {
    source: 'contact-center',
    connection: { vendor: 'zendesk', secret },
    headers(body, now) {
      const time = now.toISOString();
      return {
        ...JSON_BODY,
        'x-zendesk-webhook-signature': createHmac('sha256', secret)
          .update(time + body)
          .digest('base64'),
        'x-zendesk-webhook-signature-timestamp': time,
      };
    },
  };
}

/** SendGrid: ECDSA of time and body; its secret is the public key. */
function sendgrid(): DemoVendor {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const secret = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return {
    source: 'email',
    connection: { vendor: 'sendgrid', secret },
    headers(body, now) {
      const time = String(Math.floor(now.getTime() / 1_000));
      return {
        ...JSON_BODY,
        'x-twilio-email-event-webhook-signature': sign(
          'sha256',
          Buffer.from(time + body),
          privateKey,
        ).toString('base64'),
        'x-twilio-email-event-webhook-timestamp': time,
      };
    },
  };
}

/** Meta: HMAC of the body by the app's secret. */
function meta(): DemoVendor {
  const secret = randomSecret();
  return {
    source: 'social',
    connection: { vendor: 'meta', secret, settings: { verifyToken: randomSecret() } },
    headers: (body) => ({
      ...JSON_BODY,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    }),
  };
}

/**
 * The vendors behind the demo's sources, with secrets of their own each time: nobody but the platform, which keeps them
 * sealed, knows them once the demo is loaded.
 */
export function createVendors(): Record<'tickets' | 'emails' | 'messages', DemoVendor> {
  return { tickets: zendesk(), emails: sendgrid(), messages: meta() };
}

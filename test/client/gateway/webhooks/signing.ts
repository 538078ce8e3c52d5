import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Vendor } from '../../../../domain/ingestion/vendors.ts';

/** A source of this vendor as it is configured in these tests. */
export interface Connection {
  readonly vendor: Vendor;
  readonly secret?: string;
  readonly settings?: Record<string, string>;
}

/** One request, signed as the vendor's documentation says. */
export interface Signed {
  readonly body: string;
  readonly headers: Record<string, string>;
  readonly query?: string;
}

const mac = (secret: string, encoding: 'base64' | 'hex', ...parts: string[]): string =>
  createHmac('sha256', secret).update(parts.join('')).digest(encoding);

const json = { 'content-type': 'application/json' };
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** SendGrid's verification key is the public key's SPKI as base64. */
export const SENDGRID_KEY = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

export const SECRET = 'hush-0123456789';
export const HUBSPOT_URL = 'https://hooks.example.com/v1/webhooks/hubspot%40work?x=1%2C2';
export const SQUARE_URL = 'https://hooks.example.com/v1/webhooks/square';
export const TOPIC = 'arn:aws:sns:us-east-1:123456789012:ses-events';
export const CERTIFICATE_URL = 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-test.pem';

/** Signs an SNS message over the fields that its type has, in the order that the documentation gives. */
export function signSns(
  message: Record<string, string>,
  key: KeyObject,
  version: '1' | '2' = '2',
): Record<string, string> {
  const fields =
    message['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = fields
    .filter((name) => message[name] !== undefined)
    .map((name) => `${name}\n${message[name] ?? ''}\n`)
    .join('');
  const signature = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
    .update(text)
    .sign(key, 'base64');
  return { ...message, SignatureVersion: version, Signature: signature, SigningCertURL: CERTIFICATE_URL };
}

/** How each vendor signs, but for SNS, which needs a certificate. */
export const SIGN: Record<Exclude<Vendor, 'ses'>, (body: string, at: Date, secret?: string) => Signed> = {
  shopify: (body, _at, secret = SECRET) => ({
    body,
    headers: {
      ...json,
      'X-Shopify-Topic': 'orders/create',
      'X-Shopify-Shop-Domain': 'example.myshopify.com',
      'X-Shopify-Webhook-Id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
      'X-Shopify-Hmac-Sha256': mac(secret, 'base64', body),
    },
  }),
  square: (body, _at, secret = SECRET) => ({
    body,
    headers: { ...json, 'x-square-hmacsha256-signature': mac(secret, 'base64', SQUARE_URL, body) },
  }),
  hubspot: (body, at, secret = SECRET) => {
    const time = String(at.getTime());
    const uri = 'https://hooks.example.com/v1/webhooks/hubspot@work?x=1,2';
    const signature = mac(secret, 'base64', 'POST', uri, body, time);
    return {
      body,
      headers: { ...json, 'X-HubSpot-Signature-v3': signature, 'X-HubSpot-Request-Timestamp': time },
    };
  },
  salesforce: (body, _at, secret = SECRET) => ({
    body,
    headers: { 'content-type': 'text/xml; charset=UTF-8', SOAPAction: '""' },
    query: `?token=${secret}`,
  }),
  zendesk: (body, at, secret = SECRET) => ({
    body,
    headers: {
      ...json,
      'X-Zendesk-Webhook-Id': '01GK8E6BKWMJZD2T8Y5AXJQMG5',
      'X-Zendesk-Webhook-Signature-Timestamp': at.toISOString(),
      'X-Zendesk-Webhook-Signature': mac(secret, 'base64', at.toISOString(), body),
    },
  }),
  'amazon-connect': (body, at, secret = SECRET) => ({
    body: JSON.stringify({
      requestId: 'ed4acda5-034f-9f42-bba1-f29aea6d7d8f',
      timestamp: at.getTime(),
      records: [{ data: Buffer.from(body).toString('base64') }],
    }),
    headers: {
      ...json,
      'X-Amz-Firehose-Protocol-Version': '1.0',
      'X-Amz-Firehose-Request-Id': 'ed4acda5-034f-9f42-bba1-f29aea6d7d8f',
      'X-Amz-Firehose-Access-Key': secret,
    },
  }),
  sendgrid: (body, at, secret) => {
    const time = String(Math.floor(at.getTime() / 1_000));
    const key =
      secret === undefined ? privateKey : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    return {
      body,
      headers: {
        ...json,
        'X-Twilio-Email-Event-Webhook-Timestamp': time,
        'X-Twilio-Email-Event-Webhook-Signature': createSign('sha256')
          .update(time + body)
          .sign(key, 'base64'),
      },
    };
  },
  meta: (body, _at, secret = SECRET) => ({
    body,
    headers: { ...json, 'X-Hub-Signature-256': `sha256=${mac(secret, 'hex', body)}` },
  }),
};

/** A source for each vendor. */
export const CONNECTIONS: Record<Vendor, Connection> = {
  shopify: { vendor: 'shopify', secret: SECRET },
  square: { vendor: 'square', secret: SECRET, settings: { url: SQUARE_URL } },
  hubspot: { vendor: 'hubspot', secret: SECRET, settings: { url: HUBSPOT_URL } },
  salesforce: { vendor: 'salesforce', secret: SECRET, settings: { organizationId: '00D24000000abcd' } },
  zendesk: { vendor: 'zendesk', secret: SECRET },
  'amazon-connect': { vendor: 'amazon-connect', secret: SECRET },
  ses: { vendor: 'ses', settings: { topicArn: TOPIC } },
  sendgrid: { vendor: 'sendgrid', secret: SENDGRID_KEY },
  meta: { vendor: 'meta', secret: SECRET, settings: { verifyToken: 'verify-me' } },
};

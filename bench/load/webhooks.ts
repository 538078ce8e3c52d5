import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import {
  CONNECTIONS,
  SIGN,
  signSns,
  TOPIC,
  type Signed,
} from '../../test/client/gateway/webhooks/signing.ts';
import { KEY } from '../../test/client/gateway/webhooks/sns-certificate.ts';

/** The vendors whose webhooks are sent, in turn: HMAC of two kinds, ECDSA, and RSA by a certificate. */
export const VENDORS_SENT = ['shopify', 'sendgrid', 'ses', 'meta'] as const;

type Sent = (typeof VENDORS_SENT)[number];

const sample = (file: string): string =>
  readFileSync(new URL(`../../docs/samples/${file}`, import.meta.url), 'utf8');
const compact = (file: string): string => JSON.stringify(JSON.parse(sample(file)));
// Not parsed: its ids have more digits than a double.
const ORDER = sample('shopify/orders-create.json').replace(/\n\s*/g, '');
const OPENED = compact('ses/open.json');
const SNS_KEY = createPrivateKey(KEY);

const json = { 'content-type': 'application/json' };
const digits = (n: number, count: number): string => String(n).padStart(count, '0');

/** Webhook `n` about customer `user`, as each vendor writes and signs it; every one is another message. */
const MAKE: Record<Sent, (n: number, user: number, at: Date) => Signed> = {
  shopify: (n, user, at) =>
    SIGN.shopify(
      ORDER.replaceAll('820982911946154508', `8${digits(n, 17)}`)
        .replaceAll('115310627314723954', `1${digits(user, 17)}`)
        .replace(/jo(?:h)?n@example\.com/g, `buyer${user}@example.com`),
      at,
    ),
  sendgrid: (n, user, at) =>
    SIGN.sendgrid(
      JSON.stringify([
        {
          ...{ email: `reader${user}@example.com`, timestamp: Math.floor(at.getTime() / 1_000) },
          ...{ 'smtp-id': '<14c5d75ce93.dfd.64b469@ismtpd-555>', category: ['newsletter'], event: 'open' },
          ...{
            sg_event_id: `event-${n}`,
            sg_message_id: '14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0',
          },
          ...{ useragent: 'Mozilla/4.0', ip: '192.0.2.1' },
        },
      ]),
      at,
    ),
  ses: (n, user, at) => {
    const message = {
      ...{ Type: 'Notification', MessageId: `message-${n}`, TopicArn: TOPIC, Timestamp: at.toISOString() },
      Message: OPENED.replaceAll('recipient@example.com', `reader${user}@example.com`),
    };
    const headers = { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-message-type': 'Notification' };
    return { body: JSON.stringify(signSns(message, SNS_KEY)), headers };
  },
  meta: (n, user, at) => {
    const [page, sender] = ['682498302938465', `24${digits(user, 15)}`];
    const message = { mid: `m_${digits(n, 60)}`, text: 'Is this in stock?' };
    const messaging = [
      { sender: { id: sender }, recipient: { id: page }, timestamp: 1_518_479_195_308 + n, message },
    ];
    const entry = [{ id: page, time: at.getTime(), messaging }];
    return SIGN.meta(JSON.stringify({ object: 'page', entry }), at);
  },
};

/** What `POST /v1/sources` takes for each of them. */
export const SOURCES_SENT = VENDORS_SENT.map((name) => ({ name, ...CONNECTIONS[name] }));

/**
 * Writes whole requests to a file for the load generator, each after its length (32 bits, little-endian): to be signed
 * ahead, since RSA would cost more than what is measured. Numbers `from` on make them differ from those of earlier files.
 */
export async function writeWebhooks(
  path: string,
  options: { readonly host: string; readonly from: number; readonly count: number; readonly users: number },
): Promise<void> {
  const parts: Buffer[] = [];
  const at = new Date();
  for (let n = options.from; n < options.from + options.count; n += 1) {
    const vendor = VENDORS_SENT[n % VENDORS_SENT.length] ?? 'shopify';
    const { body, headers } = MAKE[vendor](n, n % options.users, at);
    const lines = Object.entries({ host: options.host, ...json, ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    const length = `content-length: ${Buffer.byteLength(body)}\r\n`;
    const request = Buffer.from(
      `POST /v1/webhooks/${vendor} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`,
    );
    const size = Buffer.alloc(4);
    size.writeUInt32LE(request.length);
    parts.push(size, request);
  }
  await writeFile(path, Buffer.concat(parts));
}

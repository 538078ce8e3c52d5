import { createPublicKey, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { request } from 'undici';
import type { JsonObject } from '../../../domain/json.ts';

/** Where certificates are, and where subscriptions are confirmed: Amazon's own hosts, over TLS, no port, no user. */
const HOST = /^sns\.[a-z0-9-]{3,40}\.amazonaws\.com(?:\.cn)?$/;
const CALL_TIMEOUT_MS = 5_000;
const CERTIFICATE_BYTES_MAX = 64 * 1024;
const CERTIFICATES_MAX = 50;

const NOTIFICATION = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
const CONFIRMATION = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];

/** The calls that a subscriber of SNS makes to Amazon. Each throws where it is not answered well. */
export interface SnsCalls {
  /** The PEM text of a certificate. */
  certificate(url: URL): Promise<string>;
  /** Visits the URL that confirms a subscription. */
  confirm(url: URL): Promise<void>;
}

/** The URL, where it is one of Amazon's SNS over TLS; undefined for every other. */
export function amazonUrl(text: unknown): URL | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  return isPlain && HOST.test(url.hostname) ? url : undefined;
}

/** The text that SNS signs; undefined where a part of it is missing. */
export function stringToSign(message: JsonObject): string | undefined {
  let text = '';
  for (const name of message['Type'] === 'Notification' ? NOTIFICATION : CONFIRMATION) {
    const value = message[name];
    if (name === 'Subject' && (value === undefined || value === null)) continue;
    if (typeof value !== 'string') return undefined;
    text += `${name}\n${value}\n`;
  }
  return text;
}

/** Checks signatures of SNS, holding its certificates while they are valid. */
export class SnsSignatures {
  readonly #calls: SnsCalls;
  readonly #keys = new Map<string, { readonly key: KeyObject; readonly until: number }>();

  constructor(calls: SnsCalls) {
    this.#calls = calls;
  }

  /** Whether a message is signed as it says. Throws where the certificate can't be had now. */
  async isSigned(message: JsonObject, text: string, nowMs: number): Promise<boolean> {
    const { Signature: signature, SignatureVersion: version } = message;
    const url = amazonUrl(message['SigningCertURL']);
    if (typeof signature !== 'string' || url === undefined || !url.pathname.endsWith('.pem')) return false;
    if (version !== '1' && version !== '2') return false;
    const key = await this.#keyOf(url, nowMs);
    if (key === undefined) return false;
    const hash = version === '1' ? 'sha1' : 'sha256';
    return verify(hash, Buffer.from(text), key, Buffer.from(signature, 'base64'));
  }

  async #keyOf(url: URL, nowMs: number): Promise<KeyObject | undefined> {
    const held = this.#keys.get(url.href);
    if (held !== undefined && nowMs < held.until) return held.key;
    const certificate = new X509Certificate(await this.#calls.certificate(url));
    const until = Date.parse(certificate.validTo);
    if (!(Date.parse(certificate.validFrom) <= nowMs && nowMs < until)) return undefined;
    if (this.#keys.size >= CERTIFICATES_MAX) this.#keys.clear();
    const key = createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' }));
    this.#keys.set(url.href, { key, until });
    return key;
  }
}

/** The calls over the network: short, without redirects. */
export const snsOverHttps: SnsCalls = {
  async certificate(url) {
    const text = await get(url);
    if (text.length > CERTIFICATE_BYTES_MAX) throw new Error('the certificate is too large');
    return text;
  },
  async confirm(url) {
    await get(url);
  },
};

async function get(url: URL): Promise<string> {
  const { statusCode, body } = await request(url, {
    headersTimeout: CALL_TIMEOUT_MS,
    bodyTimeout: CALL_TIMEOUT_MS,
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`SNS answered ${statusCode}`);
  return text;
}

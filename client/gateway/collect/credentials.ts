import type { JsonValue } from '../../../domain/json.ts';

/** What a request says of who sends it. */
export type Credentials =
  { readonly kind: 'none' } | { readonly kind: 'malformed' } | { readonly kind: 'key'; readonly key: string };

const BASIC = /^basic\s+([A-Za-z0-9+/=_-]+)\s*$/i;

/** The write key of an Authorization header: the user of basic auth, whatever the password, as Segment's SDKs send it. */
export function headerCredentials(authorization: string | undefined): Credentials {
  if (authorization === undefined || authorization === '') return { kind: 'none' };
  const encoded = BASIC.exec(authorization)?.[1];
  if (encoded === undefined) return { kind: 'malformed' };
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const key = colon === -1 ? text : text.slice(0, colon);
  return key === '' ? { kind: 'none' } : { kind: 'key', key };
}

/** The write key in a body, where browsers that can set no header (`sendBeacon`) put it. */
export function bodyCredentials(body: JsonValue): Credentials {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return { kind: 'none' };
  if (!Object.hasOwn(body, 'writeKey')) return { kind: 'none' };
  const key = body['writeKey'];
  return typeof key === 'string' && key !== '' ? { kind: 'key', key } : { kind: 'malformed' };
}

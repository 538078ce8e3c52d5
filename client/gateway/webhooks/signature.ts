import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Refusal, Verdict } from './types.ts';

type Part = string | Buffer;

/** A header's one value; undefined where it is absent, empty or repeated. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** HMAC-SHA-256 of the parts in their order. */
export function hmac(secret: string, parts: readonly Part[], encoding: 'base64' | 'hex'): string {
  const mac = createHmac('sha256', secret);
  for (const part of parts) mac.update(part);
  return mac.digest(encoding);
}

/** Compares in constant time; lengths are no secret, they are those of a digest or of the caller's own text. */
export function equals(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Whether a text equals one of several, each compared whatever the others said. */
export function equalsAny(given: string, wanted: readonly string[]): boolean {
  let found = false;
  for (const text of wanted) found = equals(given, text) || found;
  return found;
}

/** The verdict on an HMAC over the parts under any of the secrets. */
export function verifyHmac(
  given: string | undefined,
  secrets: readonly string[],
  parts: readonly Part[],
  encoding: 'base64' | 'hex' = 'base64',
): Verdict {
  if (given === undefined) return refused('no-signature');
  const wanted = secrets.map((secret) => hmac(secret, parts, encoding));
  return equalsAny(given, wanted) ? { ok: true, signed: parts } : refused('wrong-signature');
}

/** A refusal. */
export function refused(reason: Refusal): Verdict {
  return { ok: false, reason };
}

/** Whether a signed time is within the tolerance of now; a clock ahead of ours is given the same. */
export function isFresh(timeMs: number, nowMs: number, toleranceMs: number): boolean {
  return Number.isFinite(timeMs) && Math.abs(nowMs - timeMs) <= toleranceMs;
}

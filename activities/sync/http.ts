import { request } from 'undici';
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import type { Outcome, VendorAnswer } from './types.ts';

const TIMEOUT_MS = 60_000;
/** Two thousand wide records are some 20 MB. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** A vendor that asks for longer is asked again after this. */
const WAIT_MAX_MS = 3_600_000;
/** A code of a vendor is shown where it looks like one, and can hold nothing of a record. */
const CODE = /^[A-Za-z][A-Za-z0-9_.-]{0,59}$/;

/** A request as it goes out. */
export interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends a request; follows no redirect. Its outcome is `trouble` where no answer comes. Never throws. */
export async function send(outgoing: Outgoing, signal: AbortSignal): Promise<Outcome<VendorAnswer>> {
  try {
    const { statusCode, headers, body } = await request(outgoing.url, {
      method: outgoing.method,
      headers: { accept: 'application/json', ...outgoing.headers },
      ...(outgoing.body === undefined ? {} : { body: outgoing.body }),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      signal: AbortSignal.any([signal, AbortSignal.timeout(2 * TIMEOUT_MS)]),
    });
    const text = await textOf(body);
    if (text === undefined) return trouble(`the answer is larger than ${ANSWER_BYTES_MAX} bytes`);
    return { kind: 'ok', value: { status: statusCode, headers, body: jsonIn(text) } };
  } catch (error) {
    // Its message may name what was sent.
    return trouble(`no answer (${codeIn(error)})`);
  }
}

async function textOf(body: AsyncIterable<unknown>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    if (bytes > ANSWER_BYTES_MAX) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonIn(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function codeIn(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return shownCode(code) ?? (error instanceof Error ? error.name : 'error');
}

/** A vendor's code, where it is fit to be shown. */
export function shownCode(code: unknown): string | undefined {
  return typeof code === 'string' && CODE.test(code) ? code : undefined;
}

/** An object; undefined for everything else. */
export function asRecord(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

/** It may work a moment later. */
export function trouble(why: string): Outcome<never> {
  return { kind: 'trouble', why };
}

/** Somebody has to change something; `why` says what. */
export function refused(why: string): Outcome<never> {
  return { kind: 'refused', why };
}

/** Waits as long as the vendor says by Retry-After (seconds, or a date), else `fallbackMs`; an hour at the most. */
export function waitFor(
  answer: VendorAnswer,
  why: string,
  fallbackMs: number,
  nowMs: number,
): Outcome<never> {
  const given = answer.headers['retry-after'];
  const text = Array.isArray(given) ? given[0] : given;
  const asked =
    text === undefined
      ? fallbackMs
      : /^\d{1,9}$/.test(text)
        ? Number(text) * 1_000
        : Date.parse(text) - nowMs;
  const ms = Number.isNaN(asked) ? fallbackMs : asked;
  return { kind: 'wait', why, ms: Math.min(Math.max(ms, 1_000), WAIT_MAX_MS) };
}

/** What an answer means whose status says enough; undefined where the vendor's codes decide. */
export function byStatus(
  answer: VendorAnswer,
  fallbackMs: number,
  nowMs: number,
): Outcome<never> | undefined {
  const { status } = answer;
  if (status === 401) return { kind: 'expired' };
  if (status === 429) return waitFor(answer, 'the vendor limits the rate of calls', fallbackMs, nowMs);
  if (status >= 300 && status < 400) {
    return refused(
      `the vendor redirects (${status}), which is not followed; set the address that it redirects to`,
    );
  }
  if (status === 408 || status >= 500) return trouble(`the vendor can not answer now (${status})`);
  return undefined;
}

import { request } from 'undici';
import type { JsonObject, JsonValue } from '../../domain/json.ts';

/** The Graph API, where a source says no other. */
const GRAPH_URL = 'https://graph.facebook.com/v23.0';
const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 1024 * 1024;
const FIELDS =
  'created_time,id,ad_id,ad_name,adset_id,campaign_id,campaign_name,form_id,platform,is_organic,field_data';

/** Codes of errors that pass: the API's own trouble, and its limits. */
const PASSING = new Set([1, 2, 4, 17, 32, 341, 613]);
const LIMITS_FROM = 80_000;
const LIMITS_TO = 80_014;
/** Codes that a person has to mend: the token expired, or may not read leads. */
const TOKEN_REFUSED = new Set([10, 102, 104, 190]);
const PERMISSIONS_FROM = 200;
const PERMISSIONS_TO = 299;

/** A lead's data, or why there is none. `wait` says that it may be had later. */
export type LeadAnswer =
  | { readonly kind: 'lead'; readonly lead: JsonObject }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  | { readonly kind: 'wait'; readonly why: string; readonly afterMs: number | undefined };

/** Where the leads of a source are read. */
export interface GraphAccess {
  readonly url: string | undefined;
  readonly token: string;
}

/** Reads one lead. developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving. Never throws. */
export async function readLead(access: GraphAccess, id: string, signal: AbortSignal): Promise<LeadAnswer> {
  const url = new URL(`${(access.url ?? GRAPH_URL).replace(/\/+$/, '')}/${encodeURIComponent(id)}`);
  url.searchParams.set('fields', FIELDS);
  try {
    const { statusCode, headers, body } = await request(url, {
      headers: { authorization: `Bearer ${access.token}`, accept: 'application/json' },
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const text = await body.text();
    const answer = text.length <= ANSWER_BYTES_MAX ? objectIn(text) : undefined;
    if (statusCode === 200) {
      return answer === undefined ? wait('the answer is no JSON object') : { kind: 'lead', lead: answer };
    }
    return classify(statusCode, answer, retryAfterMs(headers['retry-after']));
  } catch (error) {
    // Its message names hosts and no values.
    return wait(`no answer (${error instanceof Error ? error.name : 'error'})`);
  }
}

function classify(status: number, answer: JsonObject | undefined, afterMs: number | undefined): LeadAnswer {
  const error = answer?.['error'];
  const given =
    typeof error === 'object' && error !== null && !Array.isArray(error) ? error['code'] : undefined;
  const code = typeof given === 'number' ? given : -1;
  if (TOKEN_REFUSED.has(code) || (code >= PERMISSIONS_FROM && code <= PERMISSIONS_TO) || status === 401) {
    return wait(
      `the access token is refused (code ${code}); set a new one with: tessera source connect`,
      afterMs,
    );
  }
  const isLimit = PASSING.has(code) || (code >= LIMITS_FROM && code <= LIMITS_TO);
  if (isLimit || status === 429 || status >= 500) return wait(`not now (${status}, code ${code})`, afterMs);
  const detail = `the vendor does not give this lead (${status}, code ${code}); check that it exists and whose it is`;
  return { kind: 'refused', code: 'lead-not-given', detail };
}

function wait(why: string, afterMs?: number): LeadAnswer {
  return { kind: 'wait', why, afterMs };
}

function retryAfterMs(header: string | string[] | undefined): number | undefined {
  const seconds = typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
  return seconds === undefined ? undefined : seconds * 1_000;
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

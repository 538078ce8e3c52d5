import type { JsonValue } from '../../domain/json.ts';
import { formatTime, parseTime } from '../../domain/ingestion/time.ts';
import { setOwn } from '../../domain/record.ts';
import type { DescribedObject } from '../../storage/syncs/types.ts';
import { asRecord, byStatus, refused, shownCode, trouble, waitFor } from './http.ts';
import type { Outcome, PageAsk, VendorAnswer, VendorApi, VendorCall, VendorPage } from './types.ts';

const API = '/services/data/v62.0';
/** Where the vendor says no other; its limit is of calls within 24 hours, which come free again bit by bit. */
const LIMIT_WAIT_MS = 5 * 60_000;
/** Compound and binary fields can't be queried with many records; their parts are fields of their own. */
const UNREAD_TYPES = new Set(['address', 'location', 'base64', 'complexvalue']);
const ALWAYS = ['Id', 'IsDeleted', 'SystemModstamp'];
/** The vendor takes addresses of 16,384 bytes. */
const QUERY_CHARS_MAX = 14_000;
const NEXT = /^\/services\/data\/v\d+\.\d+\/query(?:All)?\/[\w-]{1,200}$/;

/**
 * Salesforce's REST API: SOQL by `SystemModstamp`, deleted records with the others by `queryAll`, pages by
 * `nextRecordsUrl`. developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_queryall.htm
 */
export const salesforce: VendorApi = {
  tokenPath: '/services/oauth2/token',
  streams: (object) => [object],
  classify(answer, nowMs) {
    const code = codeOf(answer);
    if (code === 'REQUEST_LIMIT_EXCEEDED') {
      return waitFor(answer, "the organization's calls of the day are used up", LIMIT_WAIT_MS, nowMs);
    }
    if (code === 'INVALID_QUERY_LOCATOR') return { kind: 'restart' };
    if (code === 'INVALID_SESSION_ID') return { kind: 'expired' };
    return (
      byStatus(answer, LIMIT_WAIT_MS, nowMs) ??
      refused(
        `the vendor refuses the query (${answer.status}, ${code ?? 'no code'}); check that the user of the sync may ` +
          'read the object and its fields through the API',
      )
    );
  },
  async describe(call, object) {
    const answer = await call({ method: 'GET', path: `${API}/sobjects/${object}/describe` });
    if (answer.kind !== 'ok') return answer;
    const fields = asRecord(answer.value.body)?.['fields'];
    return Array.isArray(fields)
      ? { kind: 'ok', value: describedFrom(fields) }
      : trouble('the description of an object is not as documented');
  },
  async page(call, ask) {
    const next = ask.stream.position?.['next'];
    const soql = soqlOf(ask);
    if (soql.length > QUERY_CHARS_MAX) {
      return refused(`${ask.stream.object} has too many fields for one query; name those to read (fields)`);
    }
    const path = typeof next === 'string' ? next : `${API}/queryAll?q=${encodeURIComponent(soql)}`;
    return readPage(call, path);
  },
  facts(record) {
    const { Id: id, SystemModstamp: stamp, IsDeleted: deleted } = record;
    if (typeof id !== 'string' || !/^[A-Za-z0-9]{15,18}$/.test(id)) {
      return { path: 'Id', detail: 'must be an id of 15 or 18 letters and digits' };
    }
    const modified = typeof stamp === 'string' ? parseTime(stamp) : undefined;
    if (modified === undefined) return { path: 'SystemModstamp', detail: 'must be a date and time' };
    return { id, modified: formatTime(modified), deleted: deleted === true };
  },
};

/** Errors come as a list of objects. */
function codeOf({ body }: VendorAnswer): string | undefined {
  const first = Array.isArray(body) ? body[0] : body;
  return shownCode(asRecord(first)?.['errorCode']);
}

function describedFrom(fields: readonly JsonValue[]): DescribedObject {
  const types: Record<string, string> = {};
  for (const field of fields) {
    const { name, type } = asRecord(field) ?? {};
    if (typeof name === 'string' && typeof type === 'string') setOwn(types, name, type);
  }
  const read = Object.keys(types).filter((name) => !UNREAD_TYPES.has(types[name] ?? ''));
  return { types, read };
}

function soqlOf({ stream, fields, config }: PageAsk): string {
  const named = [...new Set([...ALWAYS, ...fields])].join(', ');
  const conditions = [
    ...(stream.from === null ? [] : [`SystemModstamp >= ${stream.from}`]),
    ...(config.deletions ? [] : ['IsDeleted = false']),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `SELECT ${named} FROM ${stream.object}${where} ORDER BY SystemModstamp ASC, Id ASC`;
}

async function readPage(call: VendorCall, path: string): Promise<Outcome<VendorPage>> {
  const answer = await call({ method: 'GET', path });
  if (answer.kind !== 'ok') return answer;
  const { records, done, nextRecordsUrl } = asRecord(answer.value.body) ?? {};
  if (!Array.isArray(records) || typeof done !== 'boolean') return trouble('the page is not as documented');
  if (!done && (typeof nextRecordsUrl !== 'string' || !NEXT.test(nextRecordsUrl))) {
    return trouble('the page names no next page that can be');
  }
  const apiUsage = usageOf(answer.value.headers['sforce-limit-info']);
  return {
    kind: 'ok',
    value: {
      records,
      next: done ? undefined : { next: nextRecordsUrl ?? null },
      ...(apiUsage === undefined ? {} : { apiUsage }),
    },
  };
}

/** `Sforce-Limit-Info: api-usage=18/5000`. */
function usageOf(header: string | string[] | undefined): VendorPage['apiUsage'] {
  const match = /api-usage=(\d{1,12})\/(\d{1,12})/.exec(String(header ?? ''));
  return match === null ? undefined : { used: Number(match[1]), of: Number(match[2]) };
}

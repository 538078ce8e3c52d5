import type { JsonObject, JsonValue } from '../../domain/json.ts';
import { formatTime, parseTime } from '../../domain/ingestion/time.ts';
import { setOwn } from '../../domain/record.ts';
import type { DescribedObject } from '../../storage/syncs/types.ts';
import { associate } from './hubspot-associations.ts';
import { HUBSPOT_READ } from './hubspot-fields.ts';
import { asRecord, byStatus, refused, shownCode, trouble, waitFor } from './http.ts';
import type { Outcome, PageAsk, VendorApi, VendorCall, VendorPage } from './types.ts';

const API = '/crm/v3';
/** The most of a search, and of a list. */
const SEARCH_MAX = 200;
const LIST_MAX = 100;
const ARCHIVED = '-archived';
/** Limits are of ten seconds, of a second, or of a day. */
const BURST_WAIT_MS = 10_000;
const DAY_WAIT_MS = 3_600_000;

const modifiedProperty = (object: string): string =>
  object === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate';

/**
 * HubSpot's CRM API, version 3: search by time of modification, and the list of what is archived.
 * developers.hubspot.com/docs/api-reference/crm-contacts-v3/search
 */
export const hubspot: VendorApi = {
  tokenPath: '/oauth/v1/token',
  streams: (object, deletions) => (deletions ? [object, `${object}${ARCHIVED}`] : [object]),
  classify(answer, nowMs) {
    const body = asRecord(answer.body);
    const category = shownCode(body?.['category']) ?? shownCode(body?.['errorType']);
    if (answer.status === 429) {
      const policy = shownCode(body?.['policyName']) ?? 'no policy named';
      const fallbackMs = policy === 'DAILY' ? DAY_WAIT_MS : BURST_WAIT_MS;
      return waitFor(answer, `the vendor limits the rate of calls (${policy})`, fallbackMs, nowMs);
    }
    return (
      byStatus(answer, BURST_WAIT_MS, nowMs) ??
      refused(
        `the vendor refuses the call (${answer.status}, ${category ?? 'no code'}); check that the app has the scopes ` +
          'to read this kind of object',
      )
    );
  },
  async describe(call, object) {
    const answer = await call({ method: 'GET', path: `${API}/properties/${object}` });
    if (answer.kind !== 'ok') return answer;
    const results = asRecord(answer.value.body)?.['results'];
    return Array.isArray(results)
      ? { kind: 'ok', value: describedFrom(object, results) }
      : trouble('the list of properties is not as documented');
  },
  page: (call, ask) => (ask.stream.stream.endsWith(ARCHIVED) ? listPage(call, ask) : searchPage(call, ask)),
  facts(record, stream) {
    const { id, properties, updatedAt, archivedAt } = record;
    if (typeof id !== 'string' || !/^\d{1,20}$/.test(id)) return { path: 'id', detail: 'must be digits' };
    const fields = asRecord(properties);
    if (fields === undefined) return { path: 'properties', detail: 'must be an object' };
    const deleted = stream.endsWith(ARCHIVED);
    const name = modifiedProperty(stream);
    const [path, stamp] = deleted
      ? ['archivedAt', archivedAt]
      : [`properties.${name}`, fields[name] ?? updatedAt];
    const modified = typeof stamp === 'string' ? parseTime(stamp) : undefined;
    if (modified === undefined) return { path, detail: 'must be a date and time' };
    return { id, modified: formatTime(modified), deleted };
  },
};

function describedFrom(object: string, results: readonly JsonValue[]): DescribedObject {
  const types: Record<string, string> = {};
  const own: string[] = [];
  for (const property of results) {
    const { name, type, hubspotDefined } = asRecord(property) ?? {};
    if (typeof name !== 'string' || typeof type !== 'string') continue;
    setOwn(types, name, type);
    if (hubspotDefined !== true) own.push(name);
  }
  const usual = (HUBSPOT_READ[object] ?? []).filter((name) => Object.hasOwn(types, name));
  return { types, read: [...new Set([...usual, ...own])] };
}

function resultsOf(body: JsonValue | undefined): {
  readonly records: readonly JsonValue[] | undefined;
  readonly after: string | undefined;
} {
  const { results, paging } = asRecord(body) ?? {};
  const after = asRecord(asRecord(paging)?.['next'])?.['after'];
  return {
    records: Array.isArray(results) ? results : undefined,
    after: typeof after === 'string' ? after : undefined,
  };
}

/** What is archived comes in the order of ids, all of it each time. */
async function listPage(call: VendorCall, { stream, fields }: PageAsk): Promise<Outcome<VendorPage>> {
  const given = stream.position?.['after'];
  const query = new URLSearchParams({ archived: 'true', limit: String(LIST_MAX) });
  if (fields.length > 0) query.set('properties', fields.join(','));
  if (typeof given === 'string') query.set('after', given);
  const answer = await call({ method: 'GET', path: `${API}/objects/${stream.object}?${query.toString()}` });
  if (answer.kind !== 'ok') return answer;
  const { records, after } = resultsOf(answer.value.body);
  if (records === undefined) return trouble('the page is not as documented');
  return { kind: 'ok', value: { records, next: after === undefined ? undefined : { after } } };
}

/**
 * Where a search goes on: from a moment, and within it, where more records than a page have that very moment, from an
 * id. The vendor's `after` counts records: it would skip one for each that is modified meanwhile, and ends at 10,000.
 */
interface Position {
  readonly from: string | null;
  readonly afterId?: string;
}

function positionOf({ stream }: PageAsk): Position {
  const { from, afterId } = stream.position ?? {};
  return {
    from: typeof from === 'string' ? from : stream.from,
    ...(typeof afterId === 'string' ? { afterId } : {}),
  };
}

function searchOf(object: string, { from, afterId }: Position, fields: readonly string[]): JsonObject {
  const modified = modifiedProperty(object);
  const value = from === null ? '' : String(Date.parse(from));
  const filters: JsonObject[] =
    from === null ? [] : [{ propertyName: modified, operator: afterId === undefined ? 'GTE' : 'EQ', value }];
  if (afterId !== undefined) {
    filters.push({ propertyName: 'hs_object_id', operator: 'GT', value: afterId });
  }
  return {
    filterGroups: filters.length === 0 ? [] : [{ filters }],
    sorts: [{ propertyName: afterId === undefined ? modified : 'hs_object_id', direction: 'ASCENDING' }],
    properties: [...new Set([modified, ...fields])],
    limit: SEARCH_MAX,
  };
}

async function searchPage(call: VendorCall, ask: PageAsk): Promise<Outcome<VendorPage>> {
  const { object } = ask.stream;
  const position = positionOf(ask);
  const json = searchOf(object, position, ask.fields);
  const answer = await call({ method: 'POST', path: `${API}/objects/${object}/search`, json });
  if (answer.kind !== 'ok') return answer;
  const { records, after } = resultsOf(answer.value.body);
  if (records === undefined) return trouble('the page is not as documented');
  const next = nextOf(object, position, records, after !== undefined);
  const whole = object === 'deals' ? await associate(call, records) : { kind: 'ok' as const, value: records };
  if (whole.kind !== 'ok') return whole;
  const way = position.afterId === undefined ? 'by-time' : 'by-id';
  return { kind: 'ok', value: { records: whole.value, next, way } };
}

function nextOf(
  object: string,
  { from, afterId }: Position,
  records: readonly JsonValue[],
  more: boolean,
): JsonObject | undefined {
  const read = records.flatMap((record) => {
    const facts = hubspot.facts(asRecord(record) ?? {}, object);
    return 'id' in facts ? [facts] : [];
  });
  const last = read.at(-1);
  if (afterId !== undefined && from !== null) {
    return more && last !== undefined
      ? { from, afterId: last.id }
      : { from: new Date(Date.parse(from) + 1).toISOString() };
  }
  if (!more) return undefined;
  if (last === undefined) return { from };
  // A page of one moment alone: the rest of that moment is read by id.
  return last.modified === from || read[0]?.modified === last.modified
    ? { from: last.modified, afterId: '0' }
    : { from: last.modified };
}

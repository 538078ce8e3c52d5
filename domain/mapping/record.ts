import { isIdentifierType, NORMALIZER_VERSION } from '../identity/normalize.ts';
import type { CanonicalEvent, EventType } from '../ingestion/event.ts';
import { EVENT_NAME_MAX_LENGTH, MESSAGE_ID_MAX_LENGTH } from '../ingestion/limits.ts';
import type { RawItem } from '../ingestion/raw.ts';
import { correctTime } from '../ingestion/skew.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { setOwn } from '../record.ts';
import { selectIdentifiers, type Candidate } from './identifiers.ts';
import type { MapContext, Mapped } from './result.ts';
import type { RecordMapping, ValueSource } from './types.ts';
import { compileValue, type Reader } from './value.ts';

/** Errors shown of one record; a record with more is wrong as a whole. */
const ERRORS_SHOWN = 10;

const DEFAULT_EVENT: Record<EventType, string | undefined> = {
  track: undefined,
  identify: 'Identify',
  page: 'Page Viewed',
  screen: 'Screen Viewed',
  group: 'Group',
  alias: 'Alias',
};

/** A field of the canonical event and how to read it. */
interface Field {
  /** Dotted, as errors name it. */
  readonly path: string;
  readonly name: string;
  readonly read: Reader;
}

/** A record mapping made ready to run. */
export interface CompiledRecord {
  readonly type: EventType;
  readonly event: Field | undefined;
  readonly messageId: Field | undefined;
  readonly timestamp: Field | undefined;
  readonly identifiers: readonly Field[];
  readonly properties: readonly Field[];
  readonly traits: readonly Field[];
}

/** One thing that is wrong with a definition. */
export interface DefinitionError {
  readonly path: string;
  readonly expected: string;
}

/** Compiles a record mapping; what is wrong with it is added to `errors`. */
export function compileRecord(mapping: RecordMapping, errors: DefinitionError[]): CompiledRecord {
  const field = (path: string, name: string, source: ValueSource): Field => {
    const read = compileValue(source);
    if (typeof read !== 'string') return { path, name, read };
    errors.push({ path: `record.${path}`, expected: read });
    return { path, name, read: () => ({ value: undefined }) };
  };
  const optional = (name: string, source: ValueSource | undefined): Field | undefined =>
    source === undefined ? undefined : field(name, name, source);
  const fields = (group: string, sources: Readonly<Record<string, ValueSource>> = {}): Field[] =>
    Object.entries(sources).map(([name, source]) => field(`${group}.${name}`, name, source));
  const compiled = {
    type: mapping.type,
    event: optional('event', mapping.event),
    messageId: optional('messageId', mapping.messageId),
    timestamp: optional('timestamp', mapping.timestamp),
    identifiers: fields('identifiers', mapping.identifiers),
    properties: fields('properties', mapping.properties),
    traits: fields('traits', mapping.traits),
  };
  if (compiled.identifiers.length === 0) {
    errors.push({ path: 'record.identifiers', expected: 'at least one identifier type' });
  }
  for (const { path, name } of compiled.identifiers) {
    if (!isIdentifierType(name)) errors.push({ path: `record.${path}`, expected: 'an identifier type' });
  }
  if (mapping.type === 'track' && mapping.event === undefined) {
    errors.push({ path: 'record.event', expected: 'where the name of a track event comes from' });
  }
  return compiled;
}

/** One record as one canonical event, or all that is wrong with it, field by field. */
export function mapRecord(
  compiled: CompiledRecord,
  record: JsonObject,
  item: RawItem,
  mapping: string,
  given: MapContext,
): Mapped {
  const errors: string[] = [];
  const candidates = compiled.identifiers.map((field): Candidate => ({
    type: field.name,
    value: readField(field, record, errors),
  }));
  const properties = readAll(compiled.properties, record, errors);
  const traits = readAll(compiled.traits, record, errors);
  const time = readTime(compiled, record, item, errors);
  const event =
    readText(compiled.event, record, EVENT_NAME_MAX_LENGTH, errors) ?? DEFAULT_EVENT[compiled.type];
  const messageId = readText(compiled.messageId, record, MESSAGE_ID_MAX_LENGTH, errors);
  if (event === undefined && errors.length === 0) errors.push('event: expected a name');
  if (errors.length > 0 || time === undefined || event === undefined) {
    const more = errors.length > ERRORS_SHOWN ? [`and ${errors.length - ERRORS_SHOWN} more`] : [];
    return {
      ok: false,
      code: 'invalid-record',
      detail: [...errors.slice(0, ERRORS_SHOWN), ...more].join('; '),
    };
  }
  const identifiers = selectIdentifiers(candidates, given);
  if (identifiers.length === 0) {
    const names = compiled.identifiers.map((field) => field.name).join(', ');
    const detail = `${names}: no identifier left once absent, invalid and blocked values are dropped; send a valid one`;
    return { ok: false, code: 'no-identifier', detail };
  }
  const made: CanonicalEvent = {
    messageId: messageId ?? given.fallbackMessageId,
    type: compiled.type,
    event,
    ...time,
    receivedAt: item.receivedAt,
    source: given.source,
    identifiers,
    properties,
    traits,
    normalizer: NORMALIZER_VERSION,
    mapping,
  };
  return { ok: true, events: [made] };
}

function readField(field: Field, record: JsonObject, errors: string[]): JsonValue | undefined {
  const read = field.read(record);
  if (!('error' in read)) return read.value;
  errors.push(`${field.path}: ${read.error}`);
  return undefined;
}

function readAll(fields: readonly Field[], record: JsonObject, errors: string[]): JsonObject {
  const object: JsonObject = {};
  for (const field of fields) {
    const value = readField(field, record, errors);
    if (value !== undefined) setOwn(object, field.name, value);
  }
  return object;
}

function readTime(
  { timestamp }: CompiledRecord,
  record: JsonObject,
  item: RawItem,
  errors: string[],
): ReturnType<typeof correctTime> {
  const before = errors.length;
  const original = timestamp === undefined ? undefined : readField(timestamp, record, errors);
  const time = correctTime({ original, sentAt: item.sentAt, receivedAt: item.receivedAt });
  if (time === undefined && errors.length === before)
    errors.push('timestamp: expected an ISO 8601 time or date');
  return time;
}

function readText(
  field: Field | undefined,
  record: JsonObject,
  limit: number,
  errors: string[],
): string | undefined {
  const value = field === undefined ? undefined : readField(field, record, errors);
  if (field === undefined || value === undefined || value === null) return undefined;
  const text = typeof value === 'object' ? '' : String(value).trim();
  if (text !== '' && text.length <= limit) return text;
  errors.push(`${field.path}: expected a text of 1 to ${limit} characters`);
  return undefined;
}

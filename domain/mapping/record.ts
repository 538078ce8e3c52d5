import { isIdentifierType, NORMALIZER_VERSION } from '../identity/normalize.ts';
import type { CanonicalEvent, EventType } from '../ingestion/event.ts';
import { EVENT_NAME_MAX_LENGTH, MESSAGE_ID_MAX_LENGTH } from '../ingestion/limits.ts';
import type { RawItem } from '../ingestion/raw.ts';
import { correctTime } from '../ingestion/skew.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { setOwn } from '../record.ts';
import { toText } from './convert.ts';
import { selectIdentifiers, type Candidate } from './identifiers.ts';
import { compileMembers, readMembers, type Members } from './members.ts';
import { newEvent } from './new-event.ts';
import { compilePair, readPairs, type Pair } from './pairs.ts';
import type { MapContext, Mapped } from './result.ts';
import { scopeOf, type Scope } from './scope.ts';
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
  readonly pairs: readonly Pair[];
  readonly members: readonly Members[];
}

/** One thing that is wrong with a definition. */
export interface DefinitionError {
  readonly path: string;
  readonly expected: string;
}

/** One event, or why there is none: fields that are wrong, or no identifier that is left. */
export type Made =
  | { readonly kind: 'event'; readonly event: CanonicalEvent }
  | { readonly kind: 'invalid'; readonly errors: readonly string[] }
  | { readonly kind: 'no-identifier'; readonly types: string };

/** Compiles a record mapping; what is wrong with it is added to `errors`, its place under `at`. */
export function compileRecord(
  mapping: RecordMapping,
  errors: DefinitionError[],
  at = 'record',
): CompiledRecord {
  const field = (path: string, name: string, source: ValueSource): Field => {
    const read = compileValue(source);
    if (typeof read !== 'string') return { path, name, read };
    errors.push({ path: `${at}.${path}`, expected: read });
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
    pairs: (mapping.pairs ?? []).map((pair, place) => compilePair(pair, errors, `${at}.pairs.${place}`)),
    members: (mapping.members ?? []).map((members, place) =>
      compileMembers(members, errors, `${at}.members.${place}`),
    ),
  };
  if (compiled.identifiers.length === 0) {
    errors.push({ path: `${at}.identifiers`, expected: 'at least one identifier type' });
  }
  for (const { path, name } of compiled.identifiers) {
    if (!isIdentifierType(name)) errors.push({ path: `${at}.${path}`, expected: 'an identifier type' });
  }
  if (mapping.type === 'track' && mapping.event === undefined) {
    errors.push({ path: `${at}.event`, expected: 'where the name of a track event comes from' });
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
  const made = makeEvent(compiled, scopeOf(record, item.delivery), item, mapping, given);
  switch (made.kind) {
    case 'event':
      return { ok: true, events: [made.event] };
    case 'invalid':
      return invalidRecord(made.errors);
    case 'no-identifier':
      return noIdentifier(made.types);
  }
}

/** The refusal of a record whose fields are wrong. */
export function invalidRecord(errors: readonly string[]): Mapped {
  const more = errors.length > ERRORS_SHOWN ? [`and ${errors.length - ERRORS_SHOWN} more`] : [];
  return {
    ok: false,
    code: 'invalid-record',
    detail: [...errors.slice(0, ERRORS_SHOWN), ...more].join('; '),
  };
}

/** The refusal of a record that names nobody. */
export function noIdentifier(types: string): Mapped {
  const detail = `${types}: no identifier left once absent, invalid and blocked values are dropped; send a valid one`;
  return { ok: false, code: 'no-identifier', detail };
}

/** One event of what the scope shows. Never throws. */
export function makeEvent(
  compiled: CompiledRecord,
  scope: Scope,
  item: RawItem,
  mapping: string,
  given: MapContext,
): Made {
  const errors: string[] = [];
  const candidates = compiled.identifiers.flatMap((field): Candidate[] => {
    const value = readField(field, scope, errors);
    // Several values of one type are evidence that they are one person's, as those of a merge are.
    const values = Array.isArray(value) ? value : [value];
    return values.map((one) => ({ type: field.name, value: one }));
  });
  const properties = readAll(compiled.properties, scope, errors);
  const traits = readAll(compiled.traits, scope, errors);
  for (const pair of compiled.pairs) {
    readPairs(pair, scope, pair.into === 'traits' ? traits : properties, errors);
  }
  for (const members of compiled.members) {
    readMembers(members, scope, members.into === 'traits' ? traits : properties, errors);
  }
  const time = readTime(compiled, scope, item, errors);
  const event =
    readText(compiled.event, scope, EVENT_NAME_MAX_LENGTH, errors) ?? DEFAULT_EVENT[compiled.type];
  const messageId = readText(compiled.messageId, scope, MESSAGE_ID_MAX_LENGTH, errors);
  if (event === undefined && errors.length === 0) errors.push('event: expected a name');
  if (errors.length > 0 || time === undefined || event === undefined) return { kind: 'invalid', errors };
  const selected = selectIdentifiers(candidates, given);
  if (selected.identifiers.length === 0) {
    return { kind: 'no-identifier', types: compiled.identifiers.map((field) => field.name).join(', ') };
  }
  const made = newEvent({
    messageId: messageId ?? given.fallbackMessageId,
    type: compiled.type,
    event,
    time,
    receivedAt: item.receivedAt,
    source: given.source,
    selected,
    properties,
    traits,
    normalizer: given.version ?? NORMALIZER_VERSION,
    mapping,
  });
  return { kind: 'event', event: made };
}

function readField(field: Field, scope: Scope, errors: string[]): JsonValue | undefined {
  const read = field.read(scope);
  if (!('error' in read)) return read.value;
  errors.push(`${field.path}: ${read.error}`);
  return undefined;
}

function readAll(fields: readonly Field[], scope: Scope, errors: string[]): JsonObject {
  const object: JsonObject = {};
  for (const field of fields) {
    const value = readField(field, scope, errors);
    if (value !== undefined) setOwn(object, field.name, value);
  }
  return object;
}

function readTime(
  { timestamp }: CompiledRecord,
  scope: Scope,
  item: RawItem,
  errors: string[],
): ReturnType<typeof correctTime> {
  const before = errors.length;
  const original = timestamp === undefined ? undefined : readField(timestamp, scope, errors);
  const time = correctTime({ original, sentAt: item.sentAt, receivedAt: item.receivedAt });
  if (time === undefined && errors.length === before)
    errors.push('timestamp: expected an ISO 8601 time or date');
  return time;
}

function readText(
  field: Field | undefined,
  scope: Scope,
  limit: number,
  errors: string[],
): string | undefined {
  const value = field === undefined ? undefined : readField(field, scope, errors);
  if (field === undefined || value === undefined || value === null) return undefined;
  const text = toText(value)?.trim() ?? '';
  if (text !== '' && text.length <= limit) return text;
  errors.push(`${field.path}: expected a text of 1 to ${limit} characters`);
  return undefined;
}

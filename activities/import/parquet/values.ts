import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { JsonValue } from '../../../domain/json.ts';

const NANOS_PER_MS = 1_000_000n;
const NANOS_DIGITS = 9;
/** Beyond these a Date has no value, in milliseconds. */
const DATE_MAX_MS = 8_640_000_000_000_000n;

/** The instant as ISO 8601 UTC, with as many digits as it needs, at least three; undefined beyond what ISO 8601 writes. */
function instantOf(nanos: bigint): string | undefined {
  let ms = nanos / NANOS_PER_MS;
  if (nanos % NANOS_PER_MS < 0n) ms -= 1n;
  if (ms > DATE_MAX_MS || ms < -DATE_MAX_MS) return undefined;
  const rest = nanos - ms * NANOS_PER_MS;
  const iso = new Date(Number(ms)).toISOString();
  if (rest === 0n) return iso;
  const digits = `${iso.slice(-4, -1)}${rest.toString().padStart(NANOS_DIGITS - 3, '0')}`.replace(/0+$/, '');
  return `${iso.slice(0, -4)}${digits}Z`;
}

function nanosOf(value: object): bigint | undefined {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return value.micros * 1_000n;
  if (value instanceof DuckDBTimestampMillisecondsValue) return value.millis * NANOS_PER_MS;
  if (value instanceof DuckDBTimestampSecondsValue) return value.seconds * 1_000n * NANOS_PER_MS;
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.nanos;
  return undefined;
}

/** An interval as an ISO 8601 duration; months, days and time do not convert into each other. */
function durationOf({ months, days, micros }: DuckDBIntervalValue): string {
  const date = `${months === 0 ? '' : `${months}M`}${days === 0 ? '' : `${days}D`}`;
  if (micros === 0n) return date === '' ? 'PT0S' : `P${date}`;
  const size = micros < 0n ? -micros : micros;
  const fraction = (size % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '');
  const seconds = `${micros < 0n ? '-' : ''}${size / 1_000_000n}${fraction === '' ? '' : `.${fraction}`}`;
  return `P${date}T${seconds}S`;
}

function objectOf(entries: Iterable<readonly [string, DuckDBValue]>): JsonValue {
  const members: [string, JsonValue][] = [];
  for (const [name, value] of entries) {
    const json = jsonOfValue(value);
    if (json !== undefined) members.push([name, json]);
  }
  // Own members whatever their names are.
  return Object.fromEntries(members);
}

/** Within a list a null keeps its place. */
function listOf(items: readonly DuckDBValue[]): JsonValue {
  return items.map((item) => jsonOfValue(item) ?? null);
}

/**
 * A value of DuckDB as JSON: numbers where JSON's are exact, else their digits as text (64-bit integers beyond 2^53 and
 * all decimals); dates and instants as ISO 8601, a timestamp without a zone taken as UTC; bytes as base64; lists,
 * structs and maps as such. Undefined for NULL, so that a member that has none is absent.
 */
export function jsonOfValue(value: DuckDBValue): JsonValue | undefined {
  if (value === null) return undefined;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
        ? Number(value)
        : value.toString();
    default:
      return jsonOfObject(value);
  }
}

function jsonOfObject(value: DuckDBValue & object): JsonValue | undefined {
  const nanos = nanosOf(value);
  if (nanos !== undefined) return instantOf(nanos) ?? value.toString();
  if (value instanceof DuckDBDateValue) return value.toString();
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return listOf(value.items);
  if (value instanceof DuckDBStructValue) return objectOf(Object.entries(value.entries));
  if (value instanceof DuckDBMapValue)
    return objectOf(value.entries.map(({ key, value: held }) => [keyOf(key), held] as const));
  if (value instanceof DuckDBIntervalValue) return durationOf(value);
  if (value instanceof DuckDBUnionValue) return jsonOfValue(value.value);
  // Decimals, times of day, UUIDs and bits write themselves as everybody does.
  return value.toString();
}

function keyOf(key: DuckDBValue): string {
  const json = jsonOfValue(key);
  return typeof json === 'string' ? json : JSON.stringify(json ?? null);
}

/** The shortest number that is the same 32-bit float: 0.1 and not 0.10000000149011612. */
export function shortestFloat(value: number): number {
  for (let digits = 6; digits <= 8; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

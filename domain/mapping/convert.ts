import { formatTime, parseDate, parseTime, TIME_MAX_MS, TIME_MIN_MS } from '../ingestion/time.ts';
import type { JsonValue } from '../json.ts';
import { toDecimal } from '../profile/decimal.ts';
import { exactValue } from './exact.ts';
import type { Conversion } from './types.ts';

/** What can be a text; for errors. */
export const TEXT = 'a text, a boolean or a number that JSON carries exactly';

/** What each conversion expects; for errors. */
export const EXPECTED: Record<Conversion, string> = {
  string: TEXT,
  number: 'a number',
  integer: 'a whole number that JSON carries exactly',
  decimal: 'a decimal such as 12.50, with a point and without signs for thousands or money',
  boolean: 'true or false, yes or no, 1 or 0',
  date: 'a date as YYYY-MM-DD or YYYYMMDD',
  datetime: 'an ISO 8601 time',
  'epoch-seconds': 'seconds since 1970',
  'epoch-millis': 'milliseconds since 1970',
  lowercase: TEXT,
  trim: TEXT,
};

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
]);

/** The typed value, or undefined where the raw one is not what the conversion expects. Never throws. */
export function convert(value: JsonValue, as: Conversion): JsonValue | undefined {
  switch (as) {
    case 'string':
      return toText(value);
    case 'trim':
      return toText(value)?.trim();
    case 'lowercase':
      return toText(value)?.trim().toLowerCase();
    case 'number':
      return toNumber(value);
    case 'integer': {
      const number = toNumber(value);
      return Number.isSafeInteger(number) ? number : undefined;
    }
    case 'decimal':
      return toExact(value);
    case 'boolean':
      return typeof value === 'boolean' ? value : BOOLEANS.get(toText(value)?.trim().toLowerCase() ?? '');
    case 'date':
      return parseDate(toText(value)?.trim() ?? '');
    case 'datetime':
      return isoTime(parseTime(typeof value === 'string' ? value : undefined));
    case 'epoch-seconds':
      return fromEpoch(value, 1_000);
    case 'epoch-millis':
      return fromEpoch(value, 1);
  }
}

/** A scalar as text. None of a whole number that may have been rounded as it was read: different ids would be one. */
export function toText(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number' || (Number.isInteger(value) && !Number.isSafeInteger(value)))
    return undefined;
  return String(value);
}

function toNumber(value: JsonValue): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const number = NUMBER.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? number : undefined;
}

function toExact(value: JsonValue): JsonValue | undefined {
  const text = toDecimal(value);
  return text === undefined ? undefined : exactValue(text);
}

function fromEpoch(value: JsonValue, unitMs: number): string | undefined {
  const number = toNumber(value);
  const time = number === undefined ? undefined : Math.trunc(number * unitMs);
  return time === undefined || time < TIME_MIN_MS || time > TIME_MAX_MS ? undefined : formatTime(time);
}

function isoTime(time: number | undefined): string | undefined {
  return time === undefined ? undefined : formatTime(time);
}

import type { JsonValue } from '../json.ts';

const ISO_LENGTH = '2026-01-01T00:00:00.000Z'.length;
const DATE_LENGTH = 'YYYY-MM-DD'.length;
const MINUTE_MS = 60_000;

/** Numbers below this count seconds since 1970, others milliseconds: the year 5138 in the one, 1973 in the other. */
const SECONDS_BELOW = 1e11;

/** First and last moment that ISO 8601 writes with four digits of year; later ones would sort before earlier ones. */
export const TIME_MIN_MS = -62_135_596_800_000;
export const TIME_MAX_MS = 253_402_300_799_999;

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([Zz]|UTC|[+-]\d\d(?::?\d\d)?))?)?$/;
/** A day that every calendar has, as ISO 8601 writes it. */
const COMMON_DATE =
  /^(?!0000)\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)$/;
const COMPACT_DATE = /^(\d{4})(\d\d)(\d\d)$/;
const EPOCH = /^\d{10}(?:\d{3})?(?:\.\d{1,9})?$/;

/**
 * Milliseconds since 1970 of an ISO 8601 time or date (UTC where it names no zone) or of epoch seconds or
 * milliseconds; undefined for what is no time, dates that no calendar has included.
 */
export function parseTime(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string') return undefined;
  const exact = exactTime(value);
  if (exact !== undefined) return exact;
  if (value.length === DATE_LENGTH && COMMON_DATE.test(value)) return Date.parse(value);
  const text = value.trim();
  return EPOCH.test(text) ? fromEpoch(Number(text)) : fromIso(text);
}

/**
 * Milliseconds of a time that reads exactly as `formatTime` writes it, which is how most libraries do; undefined for any other
 * text. Read digit by digit: each event has its times read several times, and a pattern and `Date.parse` take ten times as long.
 */
export function exactTime(text: string): number | undefined {
  if (text.length !== ISO_LENGTH || !hasMarks(text)) return undefined;
  const century = digits(text, 0);
  const yearOfCentury = digits(text, 2);
  const month = digits(text, 5);
  const day = digits(text, 8);
  const hour = digits(text, 11);
  const minute = digits(text, 14);
  const second = digits(text, 17);
  const hundredths = digits(text, 20);
  const thousandths = text.charCodeAt(22) - ZERO;
  // What is no digit is negative.
  if ((century | yearOfCentury | month | day | hour | minute | second | hundredths | thousandths) < 0)
    return undefined;
  const year = century * 100 + yearOfCentury;
  if (year === 0 || month === 0 || month > 12 || day === 0 || day > daysOf(month, year)) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || thousandths > 9) return undefined;
  const minutes = (daysSince1970(year, month, day) * 24 + hour) * 60 + minute;
  return minutes * MINUTE_MS + second * 1_000 + hundredths * 10 + thousandths;
}

const ZERO = 0x30;
const DASH = 0x2d;
const COLON = 0x3a;

/** What stands between the digits of `YYYY-MM-DDTHH:MM:SS.sssZ`. */
function hasMarks(text: string): boolean {
  return (
    text.charCodeAt(4) === DASH &&
    text.charCodeAt(7) === DASH &&
    text.charCodeAt(10) === 0x54 &&
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON &&
    text.charCodeAt(19) === 0x2e &&
    text.charCodeAt(23) === 0x5a
  );
}

/** The number of two digits; negative where they are none. */
function digits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

/** Days of a month of the Gregorian calendar. */
function daysOf(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * Days from 1970-01-01 to a day of the Gregorian calendar, in years that begin with March, so that the leap day is their last.
 * 719,468 days lie between 0000-03-01 and 1970-01-01.
 */
function daysSince1970(year: number, month: number, day: number): number {
  const fromMarch = month > 2 ? year : year - 1;
  const months = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(fromMarch / 4) - Math.floor(fromMarch / 100) + Math.floor(fromMarch / 400);
  return fromMarch * 365 + leapDays + Math.floor((months * 153 + 2) / 5) + day - 1 - 719_468;
}

/** ISO 8601 UTC with milliseconds, the one form in which times are kept and compared. */
export function formatTime(time: number): string {
  return new Date(time).toISOString();
}

/** `YYYY-MM-DD` of a date in ISO 8601 or as eight digits; undefined for what is no date. */
export function parseDate(text: string): string | undefined {
  if (text.length === DATE_LENGTH && COMMON_DATE.test(text)) return text;
  const compact = COMPACT_DATE.exec(text);
  const iso = compact === null ? text : `${compact[1] ?? ''}-${compact[2] ?? ''}-${compact[3] ?? ''}`;
  const time = fromIso(iso);
  return time === undefined ? undefined : formatTime(time).slice(0, DATE_LENGTH);
}

function fromEpoch(value: number): number | undefined {
  const time = Math.trunc(Math.abs(value) < SECONDS_BELOW ? value * 1000 : value);
  return inRange(time) ? time : undefined;
}

function fromIso(text: string): number | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map((part) => Number((part as string | undefined) ?? 0));
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  // A leap second is folded into the next minute.
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCDate() !== day || date.getUTCMonth() !== month - 1) return undefined;
  const offset = offsetMinutes(match[8]);
  if (offset === undefined) return undefined;
  const millis = Number((match[7] ?? '0').padEnd(3, '0').slice(0, 3));
  const time = date.setUTCHours(hour, minute, second, millis) - offset * MINUTE_MS;
  return inRange(time) ? time : undefined;
}

function offsetMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || /^[Zz]|UTC$/.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function inRange(time: number): boolean {
  return time >= TIME_MIN_MS && time <= TIME_MAX_MS;
}

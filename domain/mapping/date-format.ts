import { formatTime, parseTime } from '../ingestion/time.ts';

/** Reads a date or time written in one format; ISO 8601 UTC, or undefined. Zones: UTC where the format has none. */
export type DateReader = (text: string) => string | undefined;

const TOKEN = /YYYY|MM|M|DD|D|HH|H|hh|h|mm|ss|SSS|A|ZZ|[^A-Za-z]/y;

const PATTERNS: Readonly<Record<string, string>> = {
  YYYY: '(?<year>\\d{4})',
  ...{ MM: '(?<month>\\d{2})', M: '(?<month>\\d{1,2})', DD: '(?<day>\\d{2})', D: '(?<day>\\d{1,2})' },
  ...{ HH: '(?<hour>\\d{2})', H: '(?<hour>\\d{1,2})', hh: '(?<hour>\\d{2})', h: '(?<hour>\\d{1,2})' },
  ...{ mm: '(?<minute>\\d{2})', ss: '(?<second>\\d{2})', SSS: '(?<millis>\\d{3})' },
  ...{ A: '(?<half>[AaPp][Mm])', ZZ: '(?<zone>Z|[+-]\\d{2}:?\\d{2})' },
};
const NOON = 12;

/**
 * Compiles a format of the tokens `YYYY MM M DD D HH H hh h mm ss SSS A ZZ` and marks between them; undefined where it
 * has others, one twice, or no year, month and day.
 */
export function compileDateFormat(format: string): DateReader | undefined {
  let pattern = '';
  const names = new Set<string>();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < format.length) {
    const token = TOKEN.exec(format)?.[0];
    if (token === undefined) return undefined;
    const part = PATTERNS[token];
    const name = part === undefined ? undefined : /<(\w+)>/.exec(part)?.[1];
    if (name !== undefined && names.has(name)) return undefined;
    if (name !== undefined) names.add(name);
    pattern += part ?? token.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  }
  if (!['year', 'month', 'day'].every((name) => names.has(name))) return undefined;
  const regex = new RegExp(`^${pattern}$`);
  return (text) => {
    const parts = regex.exec(text.trim())?.groups;
    return parts === undefined ? undefined : toIso(parts);
  };
}

function toIso(parts: Readonly<Record<string, string | undefined>>): string | undefined {
  const { year = '', month = '', day = '', minute = '00', second = '00', millis = '000', zone = 'Z' } = parts;
  let hour = Number(parts['hour'] ?? 0);
  const half = parts['half']?.toLowerCase();
  if (half !== undefined) {
    if (hour < 1 || hour > NOON) return undefined;
    hour = (hour % NOON) + (half === 'pm' ? NOON : 0);
  }
  const two = (value: string | number): string => String(value).padStart(2, '0');
  const time = parseTime(
    `${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${second}.${millis}${zone}`,
  );
  return time === undefined ? undefined : formatTime(time);
}

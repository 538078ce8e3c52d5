import type { JsonValue } from '../json.ts';
import { ownValue } from '../record.ts';
import { isThere } from './condition.ts';
import { convert, EXPECTED } from './convert.ts';
import { compileDateFormat } from './date-format.ts';
import { compilePath } from './path.ts';
import type { PathSource } from './types.ts';
import type { Read, Reader } from './value.ts';

/** Turns one raw value into the field's, or answers what was expected. */
type Step = (value: JsonValue) => Read;

/** Compiles a value at a path; a string says what is wrong with the definition. */
export function compilePathSource(source: PathSource): Reader | string {
  const get = compilePath(source.path);
  if (get === undefined) return 'path: expected a column name or a path such as $.a.b[0]';
  const step = compileStep(source);
  if (typeof step === 'string') return step;
  const absent: Read =
    source.default === undefined && source.required === true
      ? { error: `${source.path} is required and absent` }
      : { value: source.default };
  const { split } = source;
  return (scope) => {
    const raw = get(scope);
    if (!isThere(raw)) return absent;
    if (split !== undefined) {
      if (typeof raw !== 'string') return { error: `${source.path} is not a text to split` };
      return readList(raw, split, step);
    }
    const read = step(raw);
    return 'value' in read && read.value === undefined ? absent : read;
  };
}

function readList(text: string, separator: string, step: Step): Read {
  const values: JsonValue[] = [];
  for (const part of text.split(separator)) {
    const trimmed = part.trim();
    if (trimmed === '') continue;
    const read = step(trimmed);
    if ('error' in read) return read;
    if (read.value !== undefined) values.push(read.value);
  }
  return { value: values };
}

function compileStep(source: PathSource): Step | string {
  const converted = compileConversion(source);
  if (typeof converted === 'string') return converted;
  const { lookup, orKeep } = source;
  if (lookup === undefined) return converted;
  return (raw) => {
    const read = converted(raw);
    if ('error' in read || read.value === undefined || typeof read.value === 'object') return read;
    return { value: ownValue(lookup, String(read.value)) ?? (orKeep === true ? read.value : undefined) };
  };
}

function compileConversion({ path, as, format }: PathSource): Step | string {
  if (format !== undefined) {
    const read = compileDateFormat(format);
    if (read === undefined) return 'format: expected YYYY, MM and DD at least, as in MM/DD/YYYY hh:mm A';
    if (as !== 'date' && as !== 'datetime') return 'format: is for dates and times; say as: date or datetime';
    return (raw) => {
      const time = typeof raw === 'string' ? read(raw) : undefined;
      if (time === undefined) return { error: `${path} is not written as ${format}` };
      return { value: as === 'date' ? time.slice(0, 'YYYY-MM-DD'.length) : time };
    };
  }
  if (as === undefined) return (raw) => ({ value: raw });
  return (raw) => {
    const value = convert(raw, as);
    return value === undefined ? { error: `${path} is not ${EXPECTED[as]}` } : { value };
  };
}

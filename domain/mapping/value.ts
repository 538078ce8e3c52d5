import type { JsonObject, JsonValue } from '../json.ts';
import { convert, EXPECTED } from './convert.ts';
import { compilePath, type Getter } from './path.ts';
import type { ValueSource } from './types.ts';

/** A value, nothing, or what was expected in its place. */
export type Read = { readonly value: JsonValue | undefined } | { readonly error: string };

/** Reads one field's value from a record. */
export type Reader = (record: JsonObject) => Read;

const PLACEHOLDER = /\$\{([^}]+)\}/g;

/** Compiles where a value comes from; a string says what is wrong with the definition. */
export function compileValue(source: ValueSource): Reader | string {
  if ('const' in source) {
    const read = { value: source.const };
    return () => read;
  }
  if ('template' in source) return compileTemplate(source.template);
  const get = compilePath(source.path);
  if (get === undefined) return 'path: expected a column name or a path such as $.a.b[0]';
  return (record) => {
    const raw = get(record);
    if (raw === undefined || raw === null || (typeof raw === 'string' && raw.trim() === '')) {
      if (source.default !== undefined) return { value: source.default };
      return source.required === true
        ? { error: `${source.path} is required and absent` }
        : { value: undefined };
    }
    if (source.as === undefined) return { value: raw };
    const value = convert(raw, source.as);
    return value === undefined ? { error: `${source.path} is not ${EXPECTED[source.as]}` } : { value };
  };
}

function compileTemplate(template: string): Reader | string {
  const parts: (string | Getter)[] = [];
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const get = compilePath(match[1] ?? '');
    if (get === undefined) return 'template: expected a column name or a path between ${ and }';
    parts.push(template.slice(end, match.index), get);
    end = match.index + match[0].length;
  }
  parts.push(template.slice(end));
  return (record) => {
    let text = '';
    for (const part of parts) {
      const value = typeof part === 'string' ? part : part(record);
      if (typeof value === 'object' || value === undefined || (value === '' && typeof part !== 'string')) {
        return { value: undefined };
      }
      text += String(value);
    }
    return { value: text };
  };
}

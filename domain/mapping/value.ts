import type { JsonObject, JsonValue } from '../json.ts';
import { setOwn } from '../record.ts';
import { differenceOf, fromMinorUnits, productOf, sumOf } from './arithmetic.ts';
import { compileCondition, isThere } from './condition.ts';
import { compilePath } from './path.ts';
import { compilePathSource } from './path-source.ts';
import { elementOf, type Scope } from './scope.ts';
import { compileTemplate } from './template.ts';
import type { ValueSource } from './types.ts';

/** A value, nothing, or what was expected in its place. */
export type Read = { readonly value: JsonValue | undefined } | { readonly error: string };

/** Reads one field's value from a record. */
export type Reader = (scope: Scope) => Read;

const NOTHING: Read = { value: undefined };

/** Compiles where a value comes from; a string says what is wrong with the definition. */
export function compileValue(source: ValueSource): Reader | string {
  if ('path' in source) return compilePathSource(source);
  if ('const' in source) {
    const read = { value: source.const };
    return () => read;
  }
  if ('template' in source) return compileTemplate(source.template, source.required === true);
  if ('first' in source) return compileFirst(source.first, source.required === true);
  if ('when' in source) return compileChoice(source);
  if ('sum' in source) return compileAll(source.sum, sumOf);
  if ('subtract' in source) return compileAll(source.subtract, differenceOf);
  if ('multiply' in source) return compileAll(source.multiply, productOf);
  if ('minorUnits' in source) {
    return compileAll([source.minorUnits, source.currency], ([amount, currency]) =>
      amount === undefined || currency === undefined ? () => NOTHING : fromMinorUnits(amount, currency),
    );
  }
  if ('list' in source) return compileAll(source.list, listOf);
  if ('object' in source) return compileObject(source.object);
  return compileList(source.each, source.item);
}

function compileAll(
  sources: readonly ValueSource[],
  join: (readers: readonly Reader[]) => Reader,
): Reader | string {
  const readers: Reader[] = [];
  for (const source of sources) {
    const reader = compileValue(source);
    if (typeof reader === 'string') return reader;
    readers.push(reader);
  }
  return join(readers);
}

function listOf(readers: readonly Reader[]): Reader {
  return (scope) => {
    const values: JsonValue[] = [];
    for (const reader of readers) {
      const read = reader(scope);
      if ('error' in read) return read;
      for (const value of Array.isArray(read.value) ? read.value : [read.value]) {
        if (isThere(value)) values.push(value);
      }
    }
    return values.length === 0 ? NOTHING : { value: values };
  };
}

function compileFirst(sources: readonly ValueSource[], isRequired: boolean): Reader | string {
  return compileAll(sources, (readers) => (scope) => {
    for (const reader of readers) {
      const read = reader(scope);
      if ('error' in read || isThere(read.value)) return read;
    }
    return isRequired ? { error: 'one of several fields is required and all are absent' } : NOTHING;
  });
}

function compileChoice(source: Extract<ValueSource, { when: unknown }>): Reader | string {
  const test = compileCondition(source.when);
  if (typeof test === 'string') return test;
  const sources = source.else === undefined ? [source.then] : [source.then, source.else];
  return compileAll(sources, ([then, otherwise]) => (scope) => {
    const chosen = test(scope) ? then : otherwise;
    return chosen === undefined ? NOTHING : chosen(scope);
  });
}

function compileObject(fields: Readonly<Record<string, ValueSource>>): Reader | string {
  const names = Object.keys(fields);
  return compileAll(Object.values(fields), (readers) => (scope) => {
    const object: JsonObject = {};
    for (const [place, reader] of readers.entries()) {
      const read = reader(scope);
      if ('error' in read) return { error: `${names[place] ?? ''}: ${read.error}` };
      if (read.value !== undefined) setOwn(object, names[place] ?? '', read.value);
    }
    return Object.keys(object).length === 0 ? NOTHING : { value: object };
  });
}

function compileList(path: string, item: ValueSource): Reader | string {
  const get = compilePath(path);
  if (get === undefined) return 'each: expected a path such as $.items';
  return compileAll([item], ([reader]) => (scope) => {
    const list = get(scope);
    if (reader === undefined || !isThere(list)) return NOTHING;
    if (!Array.isArray(list)) return { error: `${path} is not a list` };
    const values: JsonValue[] = [];
    for (const [index, element] of list.entries()) {
      const read = reader(elementOf(scope, element, index));
      if ('error' in read) return { error: `${path}[${index}]: ${read.error}` };
      if (read.value !== undefined) values.push(read.value);
    }
    return { value: values };
  });
}

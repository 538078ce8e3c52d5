import type { JsonObject, JsonValue } from '../json.ts';
import { setOwn } from '../record.ts';
import { isThere } from './condition.ts';
import { compilePath, type Getter } from './path.ts';
import type { DefinitionError } from './record.ts';
import { elementOf, type Scope } from './scope.ts';
import type { PairMapping } from './types.ts';
import { compileValue, type Reader } from './value.ts';

/** Pairs of one record; more would be no form that a person filled in. */
const PAIRS_MAX = 500;
const NAME_MAX_LENGTH = 200;

/** A pair mapping made ready to run. */
export interface Pair {
  readonly into: PairMapping['into'];
  readonly each: Getter | undefined;
  readonly path: string;
  readonly name: Reader;
  readonly value: Reader;
}

/** Compiles a pair mapping; what is wrong with it is added to `errors`. */
export function compilePair(pair: PairMapping, errors: DefinitionError[], at: string): Pair {
  const reader = (member: 'name' | 'value'): Reader => {
    const read = compileValue(pair[member]);
    if (typeof read !== 'string') return read;
    errors.push({ path: `${at}.${member}`, expected: read });
    return () => ({ value: undefined });
  };
  const each = pair.each === undefined ? undefined : compilePath(pair.each);
  if (pair.each !== undefined && each === undefined) {
    errors.push({ path: `${at}.each`, expected: 'a path such as $.fields' });
  }
  return { into: pair.into, each, path: pair.each ?? '$', name: reader('name'), value: reader('value') };
}

/** Adds a record's pairs to an object; names that its other fields have set stay as they are. */
export function readPairs(pair: Pair, scope: Scope, object: JsonObject, errors: string[]): void {
  if (pair.each === undefined) {
    readPair(pair, scope, pair.path, object, errors);
    return;
  }
  const list = pair.each(scope);
  if (!isThere(list)) return;
  if (!Array.isArray(list) || list.length > PAIRS_MAX) {
    errors.push(`${pair.into}: ${pair.path} is not a list of at most ${PAIRS_MAX}`);
    return;
  }
  for (const [index, element] of list.entries()) {
    readPair(pair, elementOf(scope, element, index), `${pair.path}[${index}]`, object, errors);
  }
}

function readPair(pair: Pair, scope: Scope, at: string, object: JsonObject, errors: string[]): void {
  const name = pair.name(scope);
  const value = pair.value(scope);
  for (const read of [name, value]) {
    if ('error' in read) errors.push(`${pair.into}: ${at}: ${read.error}`);
  }
  if ('error' in name || 'error' in value || !isThere(name.value) || value.value === undefined) return;
  const key = textOf(name.value);
  if (key === undefined)
    errors.push(`${pair.into}: ${at}: expected a name of 1 to ${NAME_MAX_LENGTH} characters`);
  else if (!Object.hasOwn(object, key)) setOwn(object, key, value.value);
}

function textOf(name: JsonValue): string | undefined {
  return typeof name === 'string' && name.length <= NAME_MAX_LENGTH && name !== '__proto__'
    ? name
    : undefined;
}

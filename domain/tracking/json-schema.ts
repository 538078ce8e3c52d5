import type { JsonObject, JsonValue } from '../json.ts';
import { ownValue } from '../record.ts';
import { patternProblem } from './pattern.ts';

/** Schemas within one another, and keys of one schema together. */
const DEPTH_MAX = 20;
const KEYS_MAX = 5_000;

/** Keywords whose value is one schema, a list of schemas, or schemas by name. */
const ONE = [
  ...['additionalProperties', 'additionalItems', 'items', 'contains', 'not', 'if', 'then', 'else'],
  ...['propertyNames', 'unevaluatedItems', 'unevaluatedProperties'],
];
const LIST = ['allOf', 'anyOf', 'oneOf', 'items', 'prefixItems'];
const BY_NAME = [
  'properties',
  'patternProperties',
  'definitions',
  '$defs',
  'dependentSchemas',
  'dependencies',
];
/** Keywords that reach out of the schema, or that make it mean something else elsewhere. */
const REFUSED = [
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$recursiveAnchor',
  '$async',
  '$vocabulary',
];

/** What is wrong at one place of a schema. */
export interface SchemaProblem {
  readonly path: string;
  readonly expected: string;
}

/** The first thing that is wrong with a tenant's JSON Schema before it is compiled; undefined where it may be. */
export function schemaProblem(schema: JsonObject): SchemaProblem | undefined {
  return new Walk().check(schema, '', 1);
}

class Walk {
  #keys = 0;

  check(schema: JsonValue, path: string, depth: number): SchemaProblem | undefined {
    if (typeof schema === 'boolean') return undefined;
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
      return { path, expected: 'a JSON Schema: an object, true or false' };
    if (depth > DEPTH_MAX) return { path, expected: `at most ${DEPTH_MAX} schemas within one another` };
    this.#keys += Object.keys(schema).length;
    if (this.#keys > KEYS_MAX) return { path, expected: `at most ${KEYS_MAX} keywords in one schema` };
    return this.#own(schema, path) ?? this.#parts(schema, path, depth);
  }

  #own(schema: JsonObject, path: string): SchemaProblem | undefined {
    for (const keyword of REFUSED)
      if (Object.hasOwn(schema, keyword)) return { path: at(path, keyword), expected: 'no such keyword' };
    const ref = ownValue(schema, '$ref');
    if (ref !== undefined && (typeof ref !== 'string' || !ref.startsWith('#')))
      return { path: at(path, '$ref'), expected: 'a reference within this schema, beginning with #' };
    const pattern = ownValue(schema, 'pattern');
    const patterns = ownValue(schema, 'patternProperties');
    const texts = [
      ...(typeof pattern === 'string' ? [pattern] : []),
      ...(typeof patterns === 'object' && patterns !== null ? Object.keys(patterns) : []),
    ];
    for (const text of texts) {
      const problem = patternProblem(text);
      if (problem !== undefined)
        return { path: at(path, 'pattern'), expected: `another pattern: it ${problem}` };
    }
    return undefined;
  }

  #parts(schema: JsonObject, path: string, depth: number): SchemaProblem | undefined {
    for (const keyword of [...ONE, ...LIST, ...BY_NAME]) {
      const value = ownValue(schema, keyword);
      if (value === undefined) continue;
      if (ONE.includes(keyword) && !Array.isArray(value)) {
        const problem = this.check(value, at(path, keyword), depth + 1);
        if (problem !== undefined) return problem;
        continue;
      }
      const parts = typeof value === 'object' && value !== null ? Object.entries(value) : [];
      for (const [name, part] of parts) {
        // `dependencies` may list names instead of a schema.
        if (keyword === 'dependencies' && Array.isArray(part)) continue;
        const problem = this.check(part, at(at(path, keyword), name), depth + 1);
        if (problem !== undefined) return problem;
      }
    }
    return undefined;
  }
}

function at(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

import { matchesGlob } from '../identity/rules.ts';
import type { JsonValue } from '../json.ts';
import { compilePath, type Getter } from './path.ts';
import type { Scope } from './scope.ts';
import type { Condition } from './types.ts';

/** Whether a condition holds of a record. */
export type Test = (scope: Scope) => boolean;

/** Compiles a condition; a string says what is wrong with it. Scalars are equal by type and value. */
export function compileCondition(condition: Condition): Test | string {
  if ('all' in condition) return combine(condition.all, (tests, scope) => tests.every((test) => test(scope)));
  if ('any' in condition) return combine(condition.any, (tests, scope) => tests.some((test) => test(scope)));
  if ('not' in condition) {
    const test = compileCondition(condition.not);
    return typeof test === 'string' ? test : (scope) => !test(scope);
  }
  const get = compilePath(condition.path);
  if (get === undefined) return 'path: expected a column name or a path such as $.a.b[0]';
  if ('equals' in condition) return (scope) => get(scope) === condition.equals;
  if ('in' in condition) return isIn(get, condition.in);
  if ('exists' in condition) return (scope) => isThere(get(scope)) === condition.exists;
  return (scope) => {
    const value = get(scope);
    return typeof value === 'string' && matchesGlob(value, condition.matches);
  };
}

/** There, not null and not blank: what counts as a value everywhere in a mapping. */
export function isThere(value: JsonValue | undefined): value is JsonValue {
  return value !== undefined && value !== null && !(typeof value === 'string' && value.trim() === '');
}

function isIn(get: Getter, values: readonly JsonValue[]): Test {
  const known = new Set(values);
  return (scope) => {
    const value = get(scope);
    return value !== undefined && known.has(value);
  };
}

function combine(
  conditions: readonly Condition[],
  holds: (tests: readonly Test[], scope: Scope) => boolean,
): Test | string {
  const tests: Test[] = [];
  for (const condition of conditions) {
    const test = compileCondition(condition);
    if (typeof test === 'string') return test;
    tests.push(test);
  }
  return (scope) => holds(tests, scope);
}

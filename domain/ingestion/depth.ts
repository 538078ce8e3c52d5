import type { JsonValue } from '../json.ts';

/**
 * Whether objects or lists are nested in the value over more than so many levels, itself not counted. Goes level by level, so
 * that no depth is too much for the stack.
 */
export function isDeeperThan(value: JsonValue, levels: number): boolean {
  let level = [value].filter(isNested);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return true;
    level = level.flatMap((nested) => Object.values(nested).filter(isNested));
  }
  return false;
}

function isNested(value: JsonValue): value is Extract<JsonValue, object> {
  return value !== null && typeof value === 'object';
}

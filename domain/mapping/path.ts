import type { JsonObject, JsonValue } from '../json.ts';
import { ownValue } from '../record.ts';

/** Reads one value from a record; undefined where it is absent. */
export type Getter = (record: JsonObject) => JsonValue | undefined;

const STEP = /\.([^.[\]]+)|\[(\d{1,9})\]|\['([^']+)'\]/y;

/**
 * Compiles a path: `$`, then `.name`, `[0]` or `['any name']` steps; anything without `$` is a column's name as it
 * stands. Undefined where it is no path. Own properties only, so that no name reaches a prototype.
 */
export function compilePath(path: string): Getter | undefined {
  if (path === '') return undefined;
  if (!path.startsWith('$')) return (record) => ownValue(record, path);
  const steps = parseSteps(path);
  if (steps === undefined) return undefined;
  return (record) => {
    let value: JsonValue | undefined = record;
    for (const step of steps) value = child(value, step);
    return value;
  };
}

function parseSteps(path: string): (string | number)[] | undefined {
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (match === null) return undefined;
    const [, name, index, quoted] = match as (string | undefined)[];
    steps.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
  }
  return steps.length === 0 ? undefined : steps;
}

function child(value: JsonValue | undefined, step: string | number): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return ownValue(value, String(step));
}

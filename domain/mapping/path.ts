import type { JsonValue } from '../json.ts';
import { ownValue } from '../record.ts';
import type { Scope } from './scope.ts';

/** Reads one value; undefined where it is absent. */
export type Getter = (scope: Scope) => JsonValue | undefined;

type Root = '$' | '$root' | '$delivery' | '$index';

type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'find'; readonly name: string; readonly value: string }
  | { readonly kind: 'all' };

const ROOT = /^\$(?:root|delivery|index)?(?=$|[.[])/;
const STEP = /\.([^.[\]]+)|\[(\d{1,9})\]|\['([^']+)'\]|\[([A-Za-z_][\w-]*)='([^']*)'\]|\[(\*)\]/y;

/**
 * Compiles a path (see `ValueSource`). Undefined where it is no path. Own properties only, so that no name reaches a
 * prototype.
 */
export function compilePath(path: string): Getter | undefined {
  if (path === '') return undefined;
  if (!path.startsWith('$')) {
    return ({ item }) => (isObject(item) ? ownValue(item, path) : undefined);
  }
  const root = ROOT.exec(path)?.[0] as Root | undefined;
  const steps = root === undefined ? undefined : parseSteps(path, root.length);
  if (root === undefined || steps === undefined) return undefined;
  const start = startOf(root);
  return (scope) => walk(start(scope), steps, 0);
}

function startOf(root: Root): Getter {
  switch (root) {
    case '$':
      return ({ item }) => item;
    case '$root':
      return (scope) => scope.root;
    case '$delivery':
      return ({ delivery }) => delivery;
    case '$index':
      return ({ index }) => index;
  }
}

function parseSteps(path: string, from: number): Step[] | undefined {
  const steps: Step[] = [];
  STEP.lastIndex = from;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (match === null) return undefined;
    const [, name, index, quoted, member, value, all] = match as (string | undefined)[];
    if (all !== undefined) steps.push({ kind: 'all' });
    else if (member !== undefined) steps.push({ kind: 'find', name: member, value: value ?? '' });
    else if (index !== undefined) steps.push({ kind: 'index', index: Number(index) });
    else steps.push({ kind: 'name', name: name ?? quoted ?? '' });
  }
  return steps;
}

function walk(from: JsonValue | undefined, steps: readonly Step[], at: number): JsonValue | undefined {
  let value = from;
  for (let place = at; place < steps.length; place++) {
    if (typeof value !== 'object' || value === null) return undefined;
    const step = steps[place];
    if (step === undefined) return undefined;
    if (step.kind === 'all') return walkAll(value, steps, place + 1);
    value = child(value, step);
  }
  return value;
}

function walkAll(value: JsonValue, steps: readonly Step[], at: number): JsonValue[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const found: JsonValue[] = [];
  for (const element of value) {
    const reached = walk(element, steps, at);
    if (reached !== undefined && reached !== null) found.push(reached);
  }
  return found;
}

function child(value: JsonValue, step: Exclude<Step, { kind: 'all' }>): JsonValue | undefined {
  switch (step.kind) {
    case 'index':
      if (Array.isArray(value)) return value[step.index];
      return isObject(value) ? ownValue(value, String(step.index)) : undefined;
    case 'name':
      return isObject(value) ? ownValue(value, step.name) : undefined;
    case 'find':
      if (!Array.isArray(value)) return undefined;
      return value.find((element) => isObject(element) && ownValue(element, step.name) === step.value);
  }
}

function isObject(value: JsonValue): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

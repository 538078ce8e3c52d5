import { canonicalJson, compareText } from '../canonical.ts';
import type { JsonValue } from '../json.ts';

/** One difference between two versions of the rules. `path` is dotted, as errors name fields. */
export interface RulesChange {
  readonly path: string;
  /** Absent where there was nothing; of a list, the entries that went. */
  readonly before?: JsonValue;
  /** Absent where there is nothing any more; of a list, the entries that came. */
  readonly after?: JsonValue;
}

/** Lists in which the order of entries says something. */
const ORDERED = new Set(['priority']);

/** What differs between two sets of rules, in the order of their paths; versions apart. */
export function diffRules(before: object, after: object): RulesChange[] {
  const changes: RulesChange[] = [];
  compare(withoutVersion(before), withoutVersion(after), [], changes);
  return changes;
}

function withoutVersion(rules: object): JsonValue {
  const copy = JSON.parse(JSON.stringify(rules)) as Record<string, JsonValue>;
  delete copy['version'];
  return copy;
}

function compare(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: readonly string[],
  changes: RulesChange[],
): void {
  if (canonicalJson(before) === canonicalJson(after)) return;
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const key of [...keys].sort(compareText)) compare(before[key], after[key], [...path, key], changes);
    return;
  }
  if (Array.isArray(before) && Array.isArray(after) && !ORDERED.has(path.join('.'))) {
    const had = new Set(before.map(canonicalJson));
    const has = new Set(after.map(canonicalJson));
    const gone = before.filter((entry) => !has.has(canonicalJson(entry)));
    const came = after.filter((entry) => !had.has(canonicalJson(entry)));
    if (gone.length > 0 || came.length > 0) changes.push({ path: path.join('.'), before: gone, after: came });
    return;
  }
  changes.push({
    path: path.join('.'),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  });
}

function isRecord(value: JsonValue | undefined): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { compareJson } from '../canonical.ts';
import type { JsonValue } from '../json.ts';
import { compareStamps } from './stamp.ts';
import type { Stamp, ToldValue } from './state.ts';

/**
 * Most distinct values kept of a trait: the first in the order of JSON values. That order is the same in every part of
 * the history, so whatever is among the first of the whole is among the first wherever it was told, and its count is
 * exact; an order by count or by time would make the merge depend on how the history was cut.
 */
export const TOLD_VALUES_MAX = 500;

/** What one event tells: each distinct value once, sorted. */
export function toldBy(values: readonly JsonValue[], stamp: Stamp): ToldValue[] {
  const { at, source, messageId } = stamp;
  const sorted = [...values].sort(compareJson);
  return sorted
    .filter((value, i) => i === 0 || compareJson(sorted[i - 1] ?? null, value) !== 0)
    .slice(0, TOLD_VALUES_MAX)
    .map((value) => ({ value, count: 1, at, source, messageId }));
}

/** What two disjoint sets of events told, together. Associative, commutative, with nothing told as identity. */
export function joinTold(a: readonly ToldValue[], b: readonly ToldValue[]): ToldValue[] {
  const joined: ToldValue[] = [];
  for (let i = 0, j = 0; joined.length < TOLD_VALUES_MAX;) {
    const [x, y] = [a[i], b[j]];
    if (x === undefined && y === undefined) break;
    const order = x === undefined ? 1 : y === undefined ? -1 : compareJson(x.value, y.value);
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
    const one = order <= 0 ? x : y;
    if (one === undefined) break;
    if (order !== 0 || y === undefined) joined.push(one);
    else joined.push({ ...(compareStamps(one, y) >= 0 ? one : y), count: one.count + y.count });
  }
  return joined;
}

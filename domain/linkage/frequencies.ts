import { columnOf, valueHasher, type Prepared } from './prepare.ts';
import type { FieldFrequencies } from './types.ts';

/** Most values of a field whose share is kept; the others share one. */
const LISTED_MAX = 20_000;
/** A value is listed when it occurs at least this often. */
const LISTED_FROM = 3;

/** How often each value of a column occurs; the index is the value's rank in `values`. */
export function tally(column: Int32Array): {
  readonly values: Int32Array;
  readonly counts: Int32Array;
  readonly present: number;
} {
  const sorted = column.slice().sort();
  let at = 0;
  while (at < sorted.length && sorted[at] === 0) at += 1;
  const present = sorted.length - at;
  const [values, counts] = [new Int32Array(present), new Int32Array(present)];
  let distinct = 0;
  for (; at < sorted.length; distinct += 1) {
    const from = at;
    while (at < sorted.length && sorted[at] === sorted[from]) at += 1;
    values[distinct] = sorted[from] as number;
    counts[distinct] = at - from;
  }
  return { values: values.slice(0, distinct), counts: counts.slice(0, distinct), present };
}

/** Chance that two different records that both have the field agree on it. */
export function agreementOf(column: Int32Array): number {
  const { counts, present } = tally(column);
  let pairs = 0;
  for (const count of counts) pairs += count * (count - 1);
  return present < 2 ? 0 : pairs / (present * (present - 1));
}

/** The shares of a field's values, the most frequent ones by hash. */
export function frequenciesOf(prepared: Prepared, field: string): FieldFrequencies {
  const { values, counts, present } = tally(columnOf(prepared, field));
  const hash = valueHasher(prepared, field);
  const agreed = counts.reduce((sum, count) => sum + count * count, 0) / Math.max(1, present * present);
  const listed = Array.from(values.keys())
    .filter((rank) => (counts[rank] as number) >= LISTED_FROM)
    .map((rank) => ({
      hash: hash(values[rank] as number),
      count: counts[rank] as number,
    }))
    .sort((x, y) => y.count - x.count || x.hash - y.hash)
    .slice(0, LISTED_MAX);
  const covered = listed.reduce((sum, { count }) => sum + count, 0);
  const others = Math.max(1, values.length - listed.length);
  return {
    hashes: listed.map(({ hash }) => hash),
    shares: listed.map(({ count }) => count / present),
    rest: Math.max(1, (present - covered) / others) / Math.max(1, present),
    agreement: agreed,
  };
}

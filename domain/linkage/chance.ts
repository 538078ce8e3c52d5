import type { Comparison } from './compare/comparisons.ts';
import { agreementOf } from './frequencies.ts';
import { columnOf, type Prepared } from './prepare.ts';
import { sequence } from './random.ts';

/** Random pairs that are compared to learn how often levels come up by chance; all pairs where there are fewer. */
const SAMPLED_PAIRS = 500_000;
const SEED = 20_240_229;
/** Pairs that a level is taken to have been seen in, besides those it was: no level is impossible. */
const SMOOTHING = 0.5;

/** How often two records drawn at random show a level of a comparison. */
export interface Chance {
  /** Share of pairs in which neither value is missing. */
  readonly present: number;
  /** Share of each level among those; index 0 is 0. */
  readonly levels: Float64Array;
}

/** Levels by chance, from random pairs; of exact agreement, counted over all pairs. */
export function chanceOf(prepared: Prepared, comparisons: readonly Comparison[]): Chance[] {
  const counts = comparisons.map(({ levels }) => new Float64Array(levels.length));
  let pairs = 0;
  eachRandomPair(prepared.size, (a, b) => {
    pairs += 1;
    for (let at = 0; at < comparisons.length; at += 1) {
      const level = (comparisons[at] as Comparison).compare(a, b);
      const count = counts[at] as Float64Array;
      count[level] = (count[level] as number) + 1;
    }
  });
  return comparisons.map(({ frequency }, at) => {
    const seen = counts[at] as Float64Array;
    const present = pairs - (seen[0] as number);
    const levels = seen.map((count, level) => (level === 0 ? 0 : count + SMOOTHING / seen.length));
    scale(levels, 1);
    if (frequency) {
      const exact = agreementOf(columnOf(prepared, frequency.field));
      levels[frequency.level] = 0;
      scale(levels, 1 - exact);
      levels[frequency.level] = Math.max(exact, SMOOTHING / Math.max(1, pairs) ** 2);
    }
    return { present: present / Math.max(1, pairs), levels };
  });
}

/** Multiplies so that the sum is `sum`. */
function scale(values: Float64Array, sum: number): void {
  const total = values.reduce((all, value) => all + value, 0);
  if (total > 0)
    for (let at = 0; at < values.length; at += 1) values[at] = ((values[at] as number) / total) * sum;
}

function eachRandomPair(size: number, visit: (a: number, b: number) => void): void {
  if ((size * (size - 1)) / 2 <= SAMPLED_PAIRS) {
    for (let a = 0; a < size; a += 1) for (let b = a + 1; b < size; b += 1) visit(a, b);
    return;
  }
  const next = sequence(SEED);
  for (let drawn = 0; drawn < SAMPLED_PAIRS; drawn += 1) {
    const a = Math.floor(next() * size);
    const b = Math.floor(next() * (size - 1));
    visit(a, b >= a ? b + 1 : b);
  }
}

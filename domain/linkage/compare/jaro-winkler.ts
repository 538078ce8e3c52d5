import type { Pool } from '../pool.ts';

/** Units of a value that are compared; matches are kept in the bits of one number. */
export const COMPARED_MAX = 31;
const PREFIX_MAX = 4;
const PREFIX_WEIGHT = 0.1;
const BOOST_FROM = 0.7;

/**
 * Jaro-Winkler similarity of two values of a pool, from 0 to 1 (Winkler 1990: prefix weight 0.1 over at most four units,
 * for pairs above 0.7). Reads the first 31 units of each. Jaro's greedy matching depends on which of the two is read
 * first; here that is settled by the values, so that the answer is symmetric.
 */
export function jaroWinkler(pool: Pool, left: number, right: number): number {
  if (left === right) return 1;
  return precedes(pool, left, right) ? similarity(pool, left, right) : similarity(pool, right, left);
}

/** Which of two values is read first: the shorter, then the one with the smaller unit where they differ. */
function precedes({ units, starts }: Pool, left: number, right: number): boolean {
  const [one, two] = [starts[left] as number, starts[right] as number];
  const [m, n] = [(starts[left + 1] as number) - one, (starts[right + 1] as number) - two];
  if (m !== n) return m < n;
  for (let at = 0; at < m; at += 1) {
    const difference = (units[one + at] as number) - (units[two + at] as number);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

function similarity({ units, starts }: Pool, left: number, right: number): number {
  const [one, two] = [starts[left] as number, starts[right] as number];
  const m = Math.min((starts[left + 1] as number) - one, COMPARED_MAX);
  const n = Math.min((starts[right + 1] as number) - two, COMPARED_MAX);
  if (m === 0 || n === 0) return 0;
  const reach = Math.max((n >> 1) - 1, 0);
  let [matchedOne, matchedTwo, matches] = [0, 0, 0];
  for (let i = 0; i < m; i += 1) {
    const unit = units[one + i];
    const to = Math.min(i + reach, n - 1);
    for (let j = Math.max(i - reach, 0); j <= to; j += 1) {
      if (units[two + j] !== unit || (matchedTwo & (1 << j)) !== 0) continue;
      matchedOne |= 1 << i;
      matchedTwo |= 1 << j;
      matches += 1;
      break;
    }
  }
  if (matches === 0) return 0;
  let [transposed, j] = [0, 0];
  for (let i = 0; i < m; i += 1) {
    if ((matchedOne & (1 << i)) === 0) continue;
    while ((matchedTwo & (1 << j)) === 0) j += 1;
    if (units[one + i] !== units[two + j]) transposed += 1;
    j += 1;
  }
  const jaro = (matches / m + matches / n + (matches - transposed / 2) / matches) / 3;
  if (jaro <= BOOST_FROM) return jaro;
  let prefix = 0;
  while (prefix < PREFIX_MAX && prefix < m && prefix < n && units[one + prefix] === units[two + prefix])
    prefix += 1;
  return jaro + prefix * PREFIX_WEIGHT * (1 - jaro);
}

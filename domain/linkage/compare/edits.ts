import type { Pool } from '../pool.ts';

/**
 * Whether two different values of a pool are one typing error apart: a unit replaced, left out, put in, or two
 * neighbours swapped (optimal string alignment distance 1).
 */
export function oneEdit(pool: Pool, left: number, right: number): boolean {
  const { units, starts } = pool;
  let [one, two] = [starts[left] as number, starts[right] as number];
  let [endOne, endTwo] = [starts[left + 1] as number, starts[right + 1] as number];
  const difference = endOne - one - (endTwo - two);
  if (difference > 1 || difference < -1) return false;
  while (one < endOne && two < endTwo && units[one] === units[two]) {
    one += 1;
    two += 1;
  }
  while (endOne > one && endTwo > two && units[endOne - 1] === units[endTwo - 1]) {
    endOne -= 1;
    endTwo -= 1;
  }
  const [m, n] = [endOne - one, endTwo - two];
  if (m + n === 1 || (m === 1 && n === 1)) return true;
  return m === 2 && n === 2 && units[one] === units[two + 1] && units[one + 1] === units[two];
}

/** The same for two different numbers of equally many decimal digits, without insertions and omissions. */
export function oneDigitEdit(left: number, right: number): boolean {
  let [one, two] = [left, right];
  let [differing, at, firstAt] = [0, 0, 0];
  let [firstOne, firstTwo, secondOne, secondTwo] = [0, 0, 0, 0];
  let adjacent = false;
  while (one > 0 || two > 0) {
    const [digitOne, digitTwo] = [one % 10, two % 10];
    if (digitOne !== digitTwo) {
      differing += 1;
      if (differing > 2) return false;
      if (differing === 1) [firstOne, firstTwo, firstAt] = [digitOne, digitTwo, at];
      else [secondOne, secondTwo, adjacent] = [digitOne, digitTwo, at === firstAt + 1];
    }
    one = (one - digitOne) / 10;
    two = (two - digitTwo) / 10;
    at += 1;
  }
  if (differing === 1) return true;
  return differing === 2 && adjacent && firstOne === secondTwo && firstTwo === secondOne;
}

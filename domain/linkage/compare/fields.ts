import { nicknameGroups } from '../normalize/nicknames.ts';
import type { Pool } from '../pool.ts';
import { oneDigitEdit, oneEdit } from './edits.ts';
import { jaroWinkler } from './jaro-winkler.ts';
import { CLOSE, SIMILAR } from './levels.ts';

/** Compares two values of a field, neither missing; answers a level. Symmetric. */
export type Compare = (left: number, right: number) => number;

/** Most slots of the memory of a comparison, in bits. Values repeat: most pairs of names have been compared before. */
const MEMORY_BITS_MAX = 16;
/** Slots for each value of a small set: one record against a few is compared at every look-up, and space costs time. */
const SLOTS_PER_VALUE = 4;

/** Units below this are Latin letters, digits and punctuation. */
const LATIN_END = 0x250;

/** Remembers what a costly comparison answered, in a fixed space: a later pair takes the place of an earlier one. */
export function remembering(pool: Pool, compare: Compare): Compare {
  const bits = Math.min(MEMORY_BITS_MAX, Math.ceil(Math.log2(Math.max(2, pool.size * SLOTS_PER_VALUE))));
  const slots = 2 ** bits;
  const lefts = new Int32Array(slots);
  const rights = new Int32Array(slots);
  const levels = new Uint8Array(slots);
  return (one, two) => {
    const left = one < two ? one : two;
    const right = one < two ? two : one;
    const slot = (Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)) >>> (32 - bits);
    if (lefts[slot] === left && rights[slot] === right) return levels[slot] as number;
    const level = compare(left, right);
    lefts[slot] = left;
    rights[slot] = right;
    levels[slot] = level;
    return level;
  };
}

/** Names in different scripts can't be compared letter by letter, which says nothing about the people. */
function scriptsDiffer(pool: Pool, left: number, right: number): boolean {
  const one = pool.units[pool.starts[left] as number] as number;
  const two = pool.units[pool.starts[right] as number] as number;
  return one < LATIN_END !== two < LATIN_END;
}

export function givenNames(pool: Pool): Compare {
  return remembering(pool, (left, right) => {
    if (left === right) return 7;
    if (scriptsDiffer(pool, left, right)) return 0;
    const initials = pool.units[pool.starts[left] as number] === pool.units[pool.starts[right] as number];
    if (initials && (pool.length(left) === 1 || pool.length(right) === 1)) return 5;
    const similarity = jaroWinkler(pool, left, right);
    if (similarity >= CLOSE) return 6;
    const groups = nicknameGroups(pool.text(left));
    if (groups.length > 0 && nicknameGroups(pool.text(right)).some((group) => groups.includes(group)))
      return 4;
    return similarity >= SIMILAR ? 3 : 1;
  });
}

export function surnames(pool: Pool): Compare {
  return remembering(pool, (left, right) => {
    if (left === right) return 4;
    if (scriptsDiffer(pool, left, right)) return 0;
    const similarity = jaroWinkler(pool, left, right);
    return similarity >= CLOSE ? 3 : similarity >= SIMILAR ? 2 : 1;
  });
}

/** Dates as `yyyymmdd`; of a date that is a year only, the year is compared. */
export function dates(left: number, right: number): number {
  if (left === right) return 5;
  const [yearLeft, yearRight] = [Math.floor(left / 10_000), Math.floor(right / 10_000)];
  const sameYear = yearLeft === yearRight;
  if (left % 10_000 === 0 || right % 10_000 === 0) return sameYear ? 3 : 1;
  const [monthLeft, monthRight] = [Math.floor(left / 100) % 100, Math.floor(right / 100) % 100];
  const [dayLeft, dayRight] = [left % 100, right % 100];
  if (oneDigitEdit(left, right)) return 4;
  if (sameYear && monthLeft === dayRight && dayLeft === monthRight) return 4;
  const parts = Number(sameYear) + Number(monthLeft === monthRight) + Number(dayLeft === dayRight);
  return parts + 1;
}

export function phones(left: number, right: number): number {
  return left === right ? 3 : oneDigitEdit(left, right) ? 2 : 1;
}

export function numbers(pool: Pool): Compare {
  return (left, right) => (left === right ? 3 : oneEdit(pool, left, right) ? 2 : 1);
}

/** Local parts of two different addresses. */
export function emailLocals(pool: Pool): Compare {
  return remembering(pool, (left, right) => {
    if (left === right || oneEdit(pool, left, right)) return 3;
    return jaroWinkler(pool, left, right) >= CLOSE ? 2 : 1;
  });
}

/** Anything else: exact, similar or different. A letter stands for what begins with it: initials, `f` for female. */
export function plain(pool: Pool): Compare {
  return remembering(pool, (left, right) => {
    if (left === right) return 3;
    if (scriptsDiffer(pool, left, right)) return 0;
    if (pool.length(left) === 1 || pool.length(right) === 1)
      return pool.units[pool.starts[left] as number] === pool.units[pool.starts[right] as number] ? 2 : 1;
    return jaroWinkler(pool, left, right) >= CLOSE ? 2 : 1;
  });
}

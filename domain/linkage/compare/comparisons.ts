import type { Prepared } from '../prepare.ts';
import { addresses } from './address.ts';
import { dates, emailLocals, givenNames, numbers, phones, plain, surnames, type Compare } from './fields.ts';
import * as levels from './levels.ts';

/** Share of pairs within households that may have a birth date in common: twins, and dates copied between rows. */
const TWINS = 0.1;

/** One thing that is compared between two records. */
export interface Comparison {
  readonly name: string;
  readonly levels: readonly string[];
  /** The column whose exact agreement is worth more for a rarer value, and the level that stands for it. */
  readonly frequency?: { readonly field: string; readonly level: number };
  /**
   * How far people of one household may have it in common more often than chance would: 0 not at all, 1 as often as the
   * data says, between them at most in that share of households (twins).
   */
  readonly shared: number;
  /** The level of two records, by index. Symmetric. */
  readonly compare: (a: number, b: number) => number;
}

/** The comparisons of a prepared set, in the order of the model; those of `other` last. */
export function comparisonsOf(prepared: Prepared, other: readonly string[]): Comparison[] {
  const { pool, columns } = prepared;
  const one = (column: Int32Array, compare: Compare) => (a: number, b: number) => {
    const [left, right] = [column[a] as number, column[b] as number];
    return left === 0 || right === 0 ? 0 : compare(left, right);
  };
  const names = namesOf(prepared);
  const none = new Int32Array(prepared.size);
  return [
    {
      ...{ name: 'given', levels: levels.GIVEN_LEVELS, shared: 0 },
      ...{ frequency: { field: 'given', level: 7 }, compare: names.given },
    },
    {
      ...{ name: 'surname', levels: levels.SURNAME_LEVELS, shared: 1 },
      ...{ frequency: { field: 'surname', level: 4 }, compare: names.surname },
    },
    {
      ...{ name: 'birthDate', levels: levels.DATE_LEVELS, shared: TWINS },
      ...{ frequency: { field: 'birthDate', level: 5 }, compare: one(columns.birthDate, dates) },
    },
    { name: 'address', levels: levels.ADDRESS_LEVELS, shared: 1, compare: addresses(prepared) },
    {
      ...{ name: 'email', levels: levels.EMAIL_LEVELS, shared: 1 },
      ...{ frequency: { field: 'email', level: 4 }, compare: emailOf(prepared) },
    },
    {
      ...{ name: 'phone', levels: levels.NUMBER_LEVELS, shared: 1 },
      ...{ frequency: { field: 'phone', level: 3 }, compare: one(columns.phone, phones) },
    },
    {
      ...{ name: 'nationalId', levels: levels.NUMBER_LEVELS, shared: 0 },
      ...{ frequency: { field: 'nationalId', level: 3 }, compare: one(columns.nationalId, numbers(pool)) },
    },
    ...other.map((name): Comparison => {
      const compare = one(prepared.other.get(name) ?? none, plain(pool));
      return {
        name,
        levels: levels.OTHER_LEVELS,
        shared: 1,
        frequency: { field: name, level: 3 },
        compare,
      };
    }),
  ];
}

/**
 * The levels of given name and surname, together because the two may have changed places, spelt alike or closely. A swap
 * is told once, by the given name; the surname is then missing.
 */
function namesOf(prepared: Prepared): {
  readonly given: Comparison['compare'];
  readonly surname: Comparison['compare'];
} {
  const { given, surname } = prepared.columns;
  const [givens, families] = [givenNames(prepared.pool), surnames(prepared.pool)];
  const agrees = (left: number, right: number): boolean =>
    left !== 0 && right !== 0 && families(left, right) >= 3;
  const straight = (a: number, b: number): boolean => agrees(given[a] as number, given[b] as number);
  const swapped = (a: number, b: number): boolean =>
    agrees(given[a] as number, surname[b] as number) &&
    agrees(surname[a] as number, given[b] as number) &&
    !(straight(a, b) || agrees(surname[a] as number, surname[b] as number));
  return {
    given: (a, b) => {
      const [left, right] = [given[a] as number, given[b] as number];
      if (left === 0 || right === 0) return 0;
      const level = left === right ? 7 : givens(left, right);
      return level < 4 && swapped(a, b) ? 2 : level;
    },
    surname: (a, b) => {
      const [left, right] = [surname[a] as number, surname[b] as number];
      if (left === 0 || right === 0) return 0;
      const level = left === right ? 4 : families(left, right);
      return level < 3 && given[a] !== given[b] && swapped(a, b) ? 0 : level;
    },
  };
}

function emailOf({ pool, columns }: Prepared): Comparison['compare'] {
  const { email, emailLocal } = columns;
  const locals = emailLocals(pool);
  return (a, b) => {
    const [left, right] = [email[a] as number, email[b] as number];
    if (left === 0 || right === 0) return 0;
    return left === right ? 4 : locals(emailLocal[a] as number, emailLocal[b] as number);
  };
}

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
  const none = new Int32Array(prepared.size);
  return [
    {
      ...{ name: 'given', levels: levels.GIVEN_LEVELS, shared: 0 },
      ...{ frequency: { field: 'given', level: 7 }, compare: givenOf(prepared) },
    },
    {
      ...{ name: 'surname', levels: levels.SURNAME_LEVELS, shared: 1 },
      ...{ frequency: { field: 'surname', level: 4 }, compare: surnameOf(prepared) },
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

/** Whether given name and surname have changed places. */
function swapped({ columns }: Prepared): (a: number, b: number) => boolean {
  const { given, surname } = columns;
  return (a, b) =>
    given[a] !== 0 &&
    surname[a] !== 0 &&
    given[a] === surname[b] &&
    surname[a] === given[b] &&
    given[a] !== given[b];
}

function givenOf(prepared: Prepared): Comparison['compare'] {
  const [isSwapped, names] = [swapped(prepared), givenNames(prepared.pool)];
  const column = prepared.columns.given;
  return (a, b) => {
    const [left, right] = [column[a] as number, column[b] as number];
    if (left === 0 || right === 0) return 0;
    return left !== right && isSwapped(a, b) ? 2 : names(left, right);
  };
}

function surnameOf(prepared: Prepared): Comparison['compare'] {
  const [isSwapped, names] = [swapped(prepared), surnames(prepared.pool)];
  const column = prepared.columns.surname;
  return (a, b) => {
    const [left, right] = [column[a] as number, column[b] as number];
    // A swap is told once, by the given name.
    if (left === 0 || right === 0 || (left !== right && isSwapped(a, b))) return 0;
    return names(left, right);
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

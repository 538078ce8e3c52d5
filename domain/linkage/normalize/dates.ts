import { fold } from './text.ts';

const MONTHS = 'jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec'.split(',');
const ISO = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ].*)?$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const DAY_FIRST = /^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})$/;
const NAMED = /^(\d{1,2})\s*(?:st|nd|rd|th)?[\s,.-]+([a-z]{3})[a-z]*[\s,.-]+(\d{4})$/;
const NAMED_FIRST = /^([a-z]{3})[a-z]*[\s.-]+(\d{1,2})(?:st|nd|rd|th)?[\s,.-]+(\d{4})$/;
const YEAR = /^(\d{4})$/;
/** Dates that systems fill in where they know none. */
const FILLERS = new Set([19000101, 19010101, 99991231, 11111111, 10101, 19700101]);

/**
 * A date as the number `yyyymmdd`; month and day are 00 where only the year is known, and 0 stands for no date.
 * Impossible dates (`19560431`) are kept: a wrong digit still agrees with the right date in all the others. Where day and
 * month could be either, the day is read first; the comparison allows for the other order.
 */
export function normalizeDate(text: string): number {
  const value = fold(text).trim();
  const ymd = ISO.exec(value) ?? COMPACT.exec(value);
  if (ymd) return numbered(ymd[1], ymd[2], ymd[3]);
  const dmy = DAY_FIRST.exec(value);
  if (dmy) {
    const monthFirst = Number(dmy[2]) > 12 && Number(dmy[1]) <= 12;
    return monthFirst ? numbered(dmy[3], dmy[1], dmy[2]) : numbered(dmy[3], dmy[2], dmy[1]);
  }
  const named = NAMED.exec(value);
  if (named) return numbered(named[3], month(named[2]), named[1]);
  const first = NAMED_FIRST.exec(value);
  if (first) return numbered(first[3], month(first[1]), first[2]);
  const year = YEAR.exec(value);
  return year ? numbered(year[1], '0', '0') : 0;
}

function month(name: string | undefined): string {
  return String(MONTHS.indexOf(name ?? '') + 1);
}

function numbered(year: string | undefined, monthOf: string | undefined, day: string | undefined): number {
  const date = Number(year) * 10_000 + Number(monthOf) * 100 + Number(day);
  return Number(year) === 0 || FILLERS.has(date) ? 0 : date;
}

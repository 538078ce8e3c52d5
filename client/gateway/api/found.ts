import { ProblemError } from '../problem.ts';

/** What a call about a person documents. */
export const NOT_FOUND = { description: 'Nobody has this id or identifier' };

/** What was asked for, or 404. */
export function found<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new ProblemError(404, 'no-such-profile', 'Nobody has this profile id or identifier here.');
  }
  return value;
}

/** The given without its undefined members. */
export function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

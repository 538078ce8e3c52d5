import { decodeCursor, encodeCursor, InvalidCursor } from '../../../storage/page.ts';

/** A page as it is asked for. */
export interface PageWanted {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * A page of a list that is read whole. The cursor names the last item told, so that what is added or removed elsewhere moves
 * nothing, and its place, which serves where that very item is gone. Throws `InvalidCursor`.
 */
export function pageOfList<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { limit, cursor }: PageWanted,
): { readonly items: T[]; readonly cursor: string | null } {
  const start = cursor === undefined ? 0 : startAfter(items, keyOf, cursor);
  const page = items.slice(start, start + limit);
  const end = start + page.length;
  const last = page.at(-1);
  return {
    items: page,
    cursor: last === undefined || end >= items.length ? null : encodeCursor([keyOf(last), String(end)]),
  };
}

function startAfter<T>(items: readonly T[], keyOf: (item: T) => string, cursor: string): number {
  const [key, told = ''] = decodeCursor(cursor, 2);
  const place = placeOf(told);
  const found = items.findIndex((item) => keyOf(item) === key);
  // What followed the item that is gone has moved up to its place.
  return found === -1 ? place - 1 : found + 1;
}

/** A count of items within a cursor, 1 or more. Throws `InvalidCursor`. */
export function placeOf(told: string): number {
  if (!/^[1-9]\d{0,8}$/.test(told)) throw new InvalidCursor();
  return Number(told);
}

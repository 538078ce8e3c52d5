import { isDeterministic } from './errors.ts';

/** One part of what was to be done: what its attempt answered, or the item that fails by itself. */
export type Part<Item, Result> =
  | { readonly kind: 'done'; readonly items: readonly Item[]; readonly result: Result }
  | { readonly kind: 'poison'; readonly item: Item; readonly error: unknown };

/**
 * Runs `attempt` on the items, in halves where it fails for a reason of its own, down to the single items that fail
 * alone. Order is kept: a half is done before the one after it. Errors that waiting can mend pass through.
 */
export async function bisect<Item, Result>(
  items: readonly Item[],
  attempt: (items: readonly Item[]) => Promise<Result>,
): Promise<Part<Item, Result>[]> {
  try {
    return [{ kind: 'done', items, result: await attempt(items) }];
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    const [item] = items;
    if (item === undefined) throw error;
    if (items.length === 1) return [{ kind: 'poison', item, error }];
    const middle = items.length >> 1;
    const before = await bisect(items.slice(0, middle), attempt);
    return [...before, ...(await bisect(items.slice(middle), attempt))];
  }
}

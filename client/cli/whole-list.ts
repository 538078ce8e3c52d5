import type { Answer, Api, Query } from './api.ts';
import { itemsOf } from './context.ts';

/** A whole list: the answer of its first page with the items of all of them. */
export async function wholeList(api: Api, path: string, query: Query = {}): Promise<Answer> {
  const first = await api.get(path, query);
  const items = itemsOf(first);
  let { cursor } = first;
  while (typeof cursor === 'string') {
    const page = await api.get(path, { ...query, cursor });
    items.push(...itemsOf(page));
    ({ cursor } = page);
  }
  return { ...first, items, cursor };
}

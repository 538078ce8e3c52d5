import { ConditionFailed, StoreUnavailable } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import { decodeCursor, encodeCursor, InvalidCursor, pageLimit } from '../page.ts';
import type { Item, Key, Table } from '../ports.ts';
import type { IntakeSeal } from './context.ts';
import type { DuplicateEntry, Page, PageOptions } from './types.ts';

/** Places of a batch that share an item, so that a batch full of duplicates is a few items and not thousands. */
const PLACES_PER_ITEM = 500;
const PLACE_DIGITS = 6;
/** Rounds against another writer of the same batch's duplicates. */
const ROUNDS_MAX = 20;

type Packed = readonly [messageId: string, index: number, receivedAt: string, batchId: string, at: number];

function keyOf({ source, batchId, index }: DuplicateEntry): Key {
  const group = Math.floor(index / PLACES_PER_ITEM);
  return { pk: `dup/${source}`, sk: `${batchId}-${String(group).padStart(PLACE_DIGITS, '0')}` };
}

const nameOf = ({ pk, sk }: Key): string => `${pk}/${sk}`;

async function unpack(sealer: IntakeSeal, source: string, item: Item): Promise<DuplicateEntry[]> {
  const batchId = item.sk.slice(0, -PLACE_DIGITS - 1);
  const packed = decodeJson<Packed[]>(await sealer.open(nameOf(item), item.value));
  return packed.map(([messageId, index, receivedAt, firstBatch, firstIndex]) => ({
    source,
    messageId,
    batchId,
    index,
    receivedAt,
    first: { batchId: firstBatch, index: firstIndex },
  }));
}

/** Adds to one item what it does not have yet. */
async function merge(
  table: Table,
  sealer: IntakeSeal,
  key: Key,
  entries: readonly DuplicateEntry[],
): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const item = await table.get(key);
    const byIndex = new Map<number, DuplicateEntry>();
    const source = entries[0]?.source ?? '';
    if (item !== undefined) {
      for (const entry of await unpack(sealer, source, item)) byIndex.set(entry.index, entry);
    }
    const known = byIndex.size;
    for (const entry of entries) if (!byIndex.has(entry.index)) byIndex.set(entry.index, entry);
    if (byIndex.size === known) return;
    const packed = [...byIndex.values()]
      .sort((a, b) => a.index - b.index)
      .map((entry): Packed => [
        entry.messageId,
        entry.index,
        entry.receivedAt,
        entry.first.batchId,
        entry.first.index,
      ]);
    const value = await sealer.seal(nameOf(key), encodeJson(packed), { compress: true });
    const expect = item === undefined ? ('absent' as const) : item.version;
    try {
      await table.write([{ kind: 'put', ...key, version: (item?.version ?? 0) + 1, value, expect }]);
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  throw new StoreUnavailable('the list of duplicates, which other writers keep changing,');
}

/** Lists duplicates; adding one again changes nothing. */
export async function addDuplicates(
  table: Table,
  sealer: IntakeSeal,
  entries: readonly DuplicateEntry[],
): Promise<void> {
  const groups = new Map<string, { key: Key; entries: DuplicateEntry[] }>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(nameOf(key)) ?? { key, entries: [] };
    group.entries.push(entry);
    groups.set(nameOf(key), group);
  }
  await Promise.all([...groups.values()].map((group) => merge(table, sealer, group.key, group.entries)));
}

/** Duplicates of a source, newest batch first, within a batch from its end. Throws `InvalidCursor`. */
export async function listDuplicates(
  table: Table,
  sealer: IntakeSeal,
  source: string,
  options: PageOptions = {},
): Promise<Page<DuplicateEntry>> {
  const limit = pageLimit(options.limit);
  const pk = `dup/${source}`;
  const items: DuplicateEntry[] = [];
  let at: { sk: string; below: number } | undefined;
  if (options.cursor !== undefined) {
    const [sk = '', below = ''] = decodeCursor(options.cursor, 2);
    if (!/^\d+$/.test(below)) throw new InvalidCursor();
    at = { sk, below: Number(below) };
  }
  // The first item may be the one that the page before ended in.
  let page = at === undefined ? [] : await table.query({ pk, from: at.sk, to: `${at.sk}\u0000`, limit: 1 });
  let after = at?.sk;
  for (;;) {
    for (const item of page) {
      const entries = await unpack(sealer, source, item);
      const below = item.sk === at?.sk ? at.below : Infinity;
      for (const entry of entries.reverse()) {
        if (entry.index >= below) continue;
        items.push(entry);
        if (items.length === limit) return { items, cursor: encodeCursor([item.sk, String(entry.index)]) };
      }
      after = item.sk;
    }
    page = await table.query({ pk, reverse: true, limit: 20, ...(after === undefined ? {} : { after }) });
    if (page.length === 0) return { items, cursor: null };
  }
}

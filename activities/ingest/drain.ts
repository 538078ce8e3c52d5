import type { BatchHeader, RawItem } from '../../domain/ingestion/raw.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { isDeterministic } from './errors.ts';
import { poisonDetail, prepareBatch } from './prepare.ts';
import type { Unit, UnitItem } from './types.ts';

/** A unit is closed at so many items, which live for a tenth of a second and are mostly collected young; its last batch may go over. */
export const UNIT_ITEMS_MAX = 1_000;
/** A most of batches in a unit: each is one read, and one entry of the transaction that completes it. */
export const UNIT_BATCHES_MAX = 400;
/** Batches read at once. */
const READS_MAX = 16;

/** Batches that make up a unit, and whether more would not have gone in. */
export interface PendingUnit {
  readonly headers: readonly BatchHeader[];
  readonly isFull: boolean;
}

/** The oldest pending batches of a lane that make up a unit, without those `taken` already. */
export async function pendingUnit(
  store: TenantStore,
  source: string,
  lane: number,
  taken: ReadonlySet<string>,
): Promise<PendingUnit> {
  const pending = await store.batches.pending(source, lane, taken.size + UNIT_BATCHES_MAX);
  const headers: BatchHeader[] = [];
  let items = 0;
  for (const header of pending) {
    if (taken.has(header.batchId)) continue;
    if (headers.length > 0 && items + header.items > UNIT_ITEMS_MAX) return { headers, isFull: true };
    headers.push(header);
    items += header.items;
    if (headers.length === UNIT_BATCHES_MAX) return { headers, isFull: true };
  }
  return { headers, isFull: items >= UNIT_ITEMS_MAX };
}

/** A batch whose bytes can't be read any more is quarantined as a whole, so that it stays counted and listed. */
function unreadable(header: BatchHeader, error: unknown): UnitItem[] {
  const item: RawItem = { body: null, receivedAt: header.receivedAt };
  const refused = {
    code: 'unreadable-batch',
    detail: poisonDetail(error).replace('processing this item', 'reading its batch'),
  };
  return Array.from({ length: header.items }, (_, index) => ({
    header,
    index,
    item,
    events: [],
    digest: '',
    refused,
  }));
}

async function readBatch(store: TenantStore, header: BatchHeader): Promise<UnitItem[]> {
  let items: RawItem[];
  try {
    items = await store.batches.read(header);
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    return unreadable(header, error);
  }
  return prepareBatch(store, header, items);
}

/** Reads and maps batches, in their order. Throws only what waiting can mend. */
export async function readUnit(store: TenantStore, headers: readonly BatchHeader[]): Promise<Unit> {
  const read: UnitItem[][] = [];
  for (let from = 0; from < headers.length; from += READS_MAX) {
    const slice = headers.slice(from, from + READS_MAX);
    read.push(...(await Promise.all(slice.map((header) => readBatch(store, header)))));
  }
  return { headers, items: read.flat() };
}

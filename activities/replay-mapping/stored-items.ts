import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { StoredEvent } from '../../storage/log/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { inParallel } from './common.ts';

/** Fragments read at once. */
const READS_MAX = 16;

/** What the log holds of one raw item. */
export interface StoredItem {
  /** Events in force, with where they stand. */
  readonly live: { readonly fragment: FragmentId; readonly event: StoredEvent }[];
  /** Message ids of all events that it ever had. */
  readonly messageIds: Set<string>;
  /** What the last correction of the item was, where there was one. */
  correction?: { readonly recordedAt: string; readonly turnedAway: boolean };
}

/** Reads fragments and tells what they hold of the items of one batch, by their place in it. */
export async function storedItemsOf(
  store: Pick<TenantStore, 'log'>,
  batchId: string,
  fragments: ReadonlySet<FragmentId>,
): Promise<Map<number, StoredItem>> {
  const items = new Map<number, StoredItem>();
  const itemAt = (index: number): StoredItem => {
    const item = items.get(index) ?? { live: [], messageIds: new Set<string>() };
    items.set(index, item);
    return item;
  };
  await inParallel([...fragments], READS_MAX, async (fragment) => {
    for (const commit of await store.log.read(fragment, { superseded: true })) {
      for (const event of commit.events) {
        if (event.batchId !== batchId) continue;
        itemAt(event.index).live.push({ fragment, event });
        itemAt(event.index).messageIds.add(event.messageId);
      }
      for (const { event } of commit.superseded ?? [])
        if (event.batchId === batchId) itemAt(event.index).messageIds.add(event.messageId);
      for (const { batchId: of, index, turnedAway } of commit.correction?.supersedes ?? []) {
        if (of !== batchId) continue;
        const item = itemAt(index);
        const { recordedAt } = commit;
        if (item.correction === undefined || recordedAt >= item.correction.recordedAt)
          item.correction = { recordedAt, turnedAway };
      }
    }
  });
  return items;
}

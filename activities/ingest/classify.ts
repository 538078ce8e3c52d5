import type { CanonicalEvent } from '../../domain/ingestion/event.ts';
import type { MessageEntry } from '../../storage/log/types.ts';
import type { UnitItem } from './types.ts';

/** What an item is, given what the message index says. */
export type Verdict =
  /** Its events: those to be appended, and those that an earlier try of this same item has appended. */
  | {
      readonly kind: 'stored';
      readonly fresh: readonly CanonicalEvent[];
      readonly kept: readonly CanonicalEvent[];
    }
  | { readonly kind: 'duplicate'; readonly first: { readonly batchId: string; readonly index: number } }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'refused' };

/** Index entries by message id. One source's, so the id is key enough. */
export type KnownMessages = ReadonlyMap<string, MessageEntry>;

const NOTHING: readonly CanonicalEvent[] = [];

function isItem(entry: MessageEntry, item: UnitItem): boolean {
  return entry.batchId === item.header.batchId && entry.index === item.index;
}

/**
 * Judges the items of a unit in their order; the first of several with one message id is the message, the others
 * are its duplicates or conflict with it. An item's first event decides for the item. Pure, so that it can be run
 * again after somebody else's write.
 */
export function classify(items: readonly UnitItem[], known: KnownMessages): Verdict[] {
  const claims = new Map<string, MessageEntry>();
  const holder = (event: CanonicalEvent): MessageEntry | undefined =>
    known.get(event.messageId) ?? claims.get(event.messageId);
  return items.map((item): Verdict => {
    if (item.refused !== undefined) return { kind: 'refused' };
    const [primary] = item.events;
    if (primary === undefined) return { kind: 'stored', fresh: NOTHING, kept: NOTHING };
    const entry = holder(primary);
    if (entry !== undefined && !isItem(entry, item)) {
      return entry.digest === item.digest
        ? { kind: 'duplicate', first: { batchId: entry.batchId, index: entry.index } }
        : { kind: 'conflict' };
    }
    const fresh: CanonicalEvent[] = [];
    const kept: CanonicalEvent[] = [];
    for (const event of item.events) {
      const holds = holder(event);
      if (holds === undefined) {
        claims.set(event.messageId, {
          batchId: item.header.batchId,
          index: item.index,
          digest: item.digest,
        });
        fresh.push(event);
      } else if (known.has(event.messageId) && isItem(holds, item)) kept.push(event);
    }
    return { kind: 'stored', fresh, kept };
  });
}

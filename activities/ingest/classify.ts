import type { CanonicalEvent } from '../../domain/ingestion/event.ts';
import type { MessageEntry } from '../../storage/log/types.ts';
import type { UnitItem } from './types.ts';

/** What an item is, given what the message index says. */
export type Verdict =
  /** Its events: those to be appended, and those that an earlier try of this same item has appended, or the item as it was sent before. */
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

/** Whether the entry is of the item as it stands in its batch. */
export function isItem(entry: MessageEntry, item: UnitItem): boolean {
  return entry.batchId === item.header.batchId && entry.index === item.index;
}

/**
 * Whether the entry is of the item as it was sent before: it went to quarantine with events in the log already. Corrected
 * since, it is another, for the log has what it said then.
 */
function wasSentBefore(entry: MessageEntry, { item: { place, sentAs = [] }, digest }: UnitItem): boolean {
  if (place === undefined || entry.digest !== digest) return false;
  return [place, ...sentAs].some(({ batchId, index }) => entry.batchId === batchId && entry.index === index);
}

/**
 * Judges the items of a unit in their order; the first of several with one message id is the message, the others
 * are its duplicates or conflict with it. An item's first event decides for the item. Pure, so that it can be run
 * again after somebody else's write.
 */
export function classify(items: readonly UnitItem[], known: KnownMessages): Verdict[] {
  /** The items of this unit that are the first with a message. */
  const claims = new Map<string, UnitItem>();
  return items.map((item): Verdict => {
    if (item.refused !== undefined) return { kind: 'refused' };
    const [primary] = item.events;
    if (primary === undefined) return { kind: 'stored', fresh: NOTHING, kept: NOTHING };
    const entry = known.get(primary.messageId) ?? entryOf(claims.get(primary.messageId));
    if (entry !== undefined) {
      // Where several are one item, sent again, the first of them is it.
      const isOwn = isItem(entry, item) || (!claims.has(primary.messageId) && wasSentBefore(entry, item));
      if (!isOwn)
        return entry.digest === item.digest
          ? { kind: 'duplicate', first: { batchId: entry.batchId, index: entry.index } }
          : { kind: 'conflict' };
      claims.set(primary.messageId, item);
    }
    const fresh: CanonicalEvent[] = [];
    const kept: CanonicalEvent[] = [];
    for (const event of item.events) {
      const holds = known.get(event.messageId);
      if (holds !== undefined) {
        if (isItem(holds, item) || wasSentBefore(holds, item)) kept.push(event);
      } else if (!claims.has(event.messageId)) {
        claims.set(event.messageId, item);
        fresh.push(event);
      }
    }
    return {
      kind: 'stored',
      fresh: fresh.length === item.events.length ? item.events : fresh,
      kept: kept.length === 0 ? NOTHING : kept,
    };
  });
}

function entryOf(item: UnitItem | undefined): MessageEntry | undefined {
  return item && { batchId: item.header.batchId, index: item.index, digest: item.digest };
}

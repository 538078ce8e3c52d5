import { compileMapping, mapItem } from '../../domain/mapping/map-item.ts';
import type { MappingReplay, MappingReplayPlan } from '../../domain/mapping/replay.ts';
import { normalizeOptions } from '../../domain/identity/normalization.ts';
import type { BatchHeader, RawItem } from '../../domain/ingestion/raw.ts';
import { sameEvents } from '../../domain/mapping/same-events.ts';
import type { ItemPlace } from '../../storage/intake/mapping-replay-work.ts';
import type { AppendEvent, MessageEntry } from '../../storage/log/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { classify, isItem } from '../ingest/classify.ts';
import { fallbackMessageId, prepareBatch } from '../ingest/prepare.ts';
import type { UnitItem } from '../ingest/types.ts';
import { claimOf } from '../ingest/write-unit.ts';
import { SliceDraft } from './slice-draft.ts';
import { storedItemsOf, type StoredItem } from './stored-items.ts';
import type { SlicePlan } from './types.ts';

/** An item whose events are to be others. */
interface Candidate {
  readonly item: UnitItem;
  readonly stored: StoredItem;
}

/** A slice's batches, in the order of their ids. */
async function batchesOf(
  store: TenantStore,
  { source }: MappingReplay,
  { lanes, bounds }: MappingReplayPlan,
  slice: number,
): Promise<{ readonly lane: number; readonly batchId: string }[]> {
  const [after, to] = [bounds[slice - 1], bounds[slice]];
  const range = { ...(after !== undefined && { after }), ...(to !== undefined && { to }) };
  const found = await Promise.all(
    lanes.map(async (lane) =>
      (await store.batches.storedOf(source, lane, range)).map((batchId) => ({ lane, batchId })),
    ),
  );
  return found.flat().sort((x, y) => (x.batchId < y.batchId ? -1 : 1));
}

function nameOf(ref: string): string {
  return ref.split('@')[0] ?? ref;
}

/** What a slice of a run comes to on the log as it stands. Claims message ids, and writes nothing else. */
export async function planSlice(
  store: TenantStore,
  replay: MappingReplay,
  plan: MappingReplayPlan,
  slice: number,
): Promise<SlicePlan> {
  const draft = new SliceDraft(store, replay.source, (await store.registry.config()).identity);
  const waiting = new Set(plan.waiting);
  const places = new Map<string, ItemPlace[]>();
  for (const place of await store.mappingReplays.places(replay.runId, slice)) {
    const known = places.get(place[0]);
    if (known === undefined) places.set(place[0], [place]);
    else known.push(place);
  }
  for (const { lane, batchId } of await batchesOf(store, replay, plan, slice)) {
    const batch = await store.batches.readBatch(replay.source, lane, batchId);
    if (batch === undefined || nameOf(batch.header.mapping) !== nameOf(replay.mapping)) continue;
    if (batch.header.receivedAt > replay.requestedAt) continue;
    const { header, items } = batch;
    const inTime = new Set(items.flatMap((item, index) => (isInTime(replay, item) ? [index] : [])));
    if (inTime.size === 0) continue;
    draft.count('items', inTime.size);
    if (waiting.has(batchId)) draft.count('skipped', inTime.size);
    else await planBatch(store, replay, { header, items, inTime, places: places.get(batchId) ?? [] }, draft);
  }
  return draft.finish();
}

function isInTime({ from, to }: MappingReplay, { receivedAt }: RawItem): boolean {
  return (from === undefined || receivedAt >= from) && (to === undefined || receivedAt < to);
}

interface BatchAtHand {
  readonly header: BatchHeader;
  readonly items: readonly RawItem[];
  readonly inTime: ReadonlySet<number>;
  readonly places: readonly ItemPlace[];
}

async function planBatch(
  store: TenantStore,
  { mapping }: MappingReplay,
  batch: BatchAtHand,
  draft: SliceDraft,
): Promise<void> {
  const { header, inTime } = batch;
  const prepared = (await prepareBatch(store, { ...header, mapping }, batch.items)).map(
    // The header as it was: it says what the item came with.
    (item): UnitItem => ({ ...item, header }),
  );
  const placed = new Set(batch.places.map(([, index]) => index));
  const fragments = new Set(batch.places.map(([, , fragment]) => fragment));
  // What came through after the log was read stands where the version puts it, if that version made it.
  for (const { index, events } of prepared)
    if (!placed.has(index))
      for (const { identifiers } of events)
        if (identifiers[0] !== undefined) fragments.add(store.log.address(identifiers[0]));
  const stored = await storedItemsOf(store, header.batchId, fragments);
  const candidates: Candidate[] = [];
  const silent = await silentItems(store, batch, stored);
  for (const item of prepared) {
    if (!inTime.has(item.index)) continue;
    const of = stored.get(item.index) ?? { live: [], messageIds: new Set<string>() };
    const isStored = of.live.length > 0 || silent.has(item.index);
    const isOther = of.live.some(({ event }) => nameOf(event.mapping) !== nameOf(mapping));
    if (!isStored || isOther) draft.count('skipped');
    else if (isSame(item, of, mapping)) draft.count('same');
    else candidates.push({ item, stored: of });
  }
  await judge(store, candidates, draft);
}

function isSame(item: UnitItem, { live }: StoredItem, mapping: string): boolean {
  if (live.length > 0 && live.every(({ event }) => event.mapping === mapping)) return true;
  return (
    item.refused === undefined &&
    sameEvents(
      item.events,
      live.map(({ event }) => event),
    )
  );
}

/**
 * Items that were stored and have no event: an earlier run left them without, or the mapping that they came with makes
 * nothing of them. What is in quarantine, was turned away by a run, or is a duplicate, was not stored.
 */
async function silentItems(
  store: TenantStore,
  { header, items, inTime }: BatchAtHand,
  stored: ReadonlyMap<number, StoredItem>,
): Promise<Set<number>> {
  const silent = new Set<number>();
  const open: number[] = [];
  for (const index of inTime) {
    const known = stored.get(index);
    if (known?.correction === undefined && (known?.live.length ?? 0) === 0) open.push(index);
    else if (known?.correction?.turnedAway === false && known.live.length === 0) silent.add(index);
  }
  const definition = await store.registry.mappingAt(header.mapping, header.receivedAt);
  if (open.length === 0 || definition === undefined) return silent;
  const mapping = compileMapping(definition);
  const config = await store.registry.config();
  const empty = open.filter((index) => {
    const item = items[index];
    if (item === undefined || item.reject !== undefined) return false;
    const mapped = mapItem(mapping, item, {
      source: header.source,
      rules: config.identity,
      ...normalizeOptions(config, header.source),
      fallbackMessageId: fallbackMessageId(header, index, item),
    });
    return mapped.ok && mapped.events.length === 0;
  });
  const held = await store.quarantine.getMany(
    header.source,
    empty.map((index) => `${header.batchId}-${index}`),
  );
  for (const [at, index] of empty.entries()) if (held[at] === undefined) silent.add(index);
  return silent;
}

/** Claims what the candidates' events are to be known by, in their order, and says what each of them is then. */
async function judge(store: TenantStore, candidates: readonly Candidate[], draft: SliceDraft): Promise<void> {
  const claims = candidates.flatMap(({ item }) => item.events.map((event) => claimAnew(item, event)));
  const entries = await store.log.claim(claims);
  const known = new Map<string, MessageEntry>();
  for (const [at, { event }] of claims.entries()) {
    const entry = entries[at];
    if (entry !== undefined) known.set(event.messageId, entry);
  }
  const verdicts = classify(
    candidates.map(({ item }) => item),
    known,
  );
  for (const [at, { item, stored }] of candidates.entries()) {
    const verdict = verdicts[at];
    if (verdict === undefined) continue;
    if (verdict.kind !== 'stored') {
      draft.turnAway(item, stored, verdict);
      continue;
    }
    // What the item had in the log as it was sent before is corrected there.
    const own = verdict.kept.filter(({ messageId }) => {
      const entry = known.get(messageId);
      return entry !== undefined && isItem(entry, item);
    });
    if (
      sameEvents(
        own,
        stored.live.map(({ event }) => event),
      )
    )
      draft.count('same');
    else draft.replace(item, stored, own);
  }
}

/** The window of duplicates starts again: an item may be mapped again long after it came. */
function claimAnew(item: UnitItem, event: UnitItem['events'][number]): AppendEvent {
  const { header } = item;
  if (header.dedupeUntil === undefined) return claimOf(item, event, 0);
  const window = header.dedupeUntil - Math.floor(Date.parse(header.receivedAt) / 1_000);
  return claimOf(item, event, Math.floor(Date.now() / 1_000) + window);
}

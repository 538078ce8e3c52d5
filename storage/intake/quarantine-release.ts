import { asObject } from '../../domain/ingestion/consent.ts';
import { isDeeperThan } from '../../domain/ingestion/depth.ts';
import { inheritedContext } from '../../domain/ingestion/inherit.ts';
import type { BatchHeader, RawItem } from '../../domain/ingestion/raw.ts';
import type { JsonValue } from '../../domain/json.ts';
import { ownValue } from '../../domain/record.ts';
import { StorageError } from '../errors.ts';
import type { Table, WriteOp } from '../ports.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import { readBatch } from './read-batch.ts';
import type { IntakeOptions, IntakeSeal } from './context.ts';
import { expiryOf, sealEntry, writeWherePossible } from './quarantine-index.ts';
import type { BatchStore, QuarantineEntry, QuarantineRetention, ReleasedMany, ReleaseHow } from './types.ts';
import { derivedUlid } from './ulid.ts';

/** A released batch is closed at so many items, or so many characters. */
const BATCH_ITEMS_MAX = 500;
const BATCH_CHARS_MAX = 1_000_000;
/** Levels of nesting of what is sent: many more than any mapping takes, and far fewer than fill the stack as JSON is written. */
const LEVELS_MAX = 1_000;

/** No entry of this id, or its original is gone. */
export class QuarantineNotFound extends StorageError {
  constructor(what: string) {
    super('quarantine-not-found', what);
  }
}

/** An entry's item is nested too deeply to be sent; it stays held. */
export class QuarantineTooDeep extends StorageError {
  constructor() {
    super('too-deep', 'the item is nested too deeply to be sent; send a replacement that is flatter');
  }
}

/** What releases stand on. */
export interface ReleaseContext extends IntakeOptions {
  readonly batches: BatchStore;
  readonly table: Table;
  readonly sealer: IntakeSeal;
  readonly retention: () => Promise<QuarantineRetention>;
}

/** An entry's item as it is sent again. */
interface Sent {
  readonly entry: QuarantineEntry;
  readonly line: string;
  readonly mapping: string;
  /** Seconds for which the claim on its message id is kept; absent for good. */
  readonly windowSeconds?: number;
}

/** Why an entry is not sent. */
type Unsent = 'gone' | 'other-mapping' | 'too-deep';

/** The ways out of quarantine. */
export interface Releases {
  /**
   * Answers whether nobody pumps the entry's lane. Throws `QuarantineNotFound` where the original is gone, `QuarantineTooDeep`
   * where it can't be sent.
   */
  one(entry: QuarantineEntry, how?: ReleaseHow): Promise<boolean>;
  many(
    entries: readonly QuarantineEntry[],
    call: { readonly name: string; readonly at: string },
    how?: ReleaseHow,
  ): Promise<ReleasedMany>;
}

/** The newest version of the mapping that an item came with, which is where a mistake of the mapping was mended. */
function newestOf(mapping: string): string {
  return mapping.split('@')[0] ?? mapping;
}

/** A message with the context of its envelope, as those of its batch that were accepted have it. */
function completed(body: JsonValue, { context }: RawItem): JsonValue {
  const message = asObject(body);
  if (message === undefined || context === undefined) return body;
  return { ...message, context: inheritedContext(ownValue(message, 'context'), context) };
}

function send(
  entry: QuarantineEntry,
  header: BatchHeader,
  item: RawItem,
  how: ReleaseHow,
): Sent | 'too-deep' {
  const body = completed(how.correct === undefined ? item.body : how.correct(item.body), item);
  // A release that is tried again must make the same batches: what is sent can't hang on how much of the stack is free.
  if (isDeeperThan(body, LEVELS_MAX)) return 'too-deep';
  const stood = { batchId: entry.batchId, index: entry.index };
  const places =
    item.place === undefined
      ? { place: stood }
      : { place: item.place, sentAs: [...(item.sentAs ?? []), stood] };
  const kept = Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'reject'));
  const { dedupeUntil, receivedAt } = header;
  return {
    entry,
    line: JSON.stringify({ ...kept, body, ...places }),
    mapping: how.mapping ?? newestOf(header.mapping),
    ...(dedupeUntil === undefined
      ? {}
      : { windowSeconds: dedupeUntil - Math.floor(Date.parse(receivedAt) / 1_000) }),
  };
}

/** Items that can share a batch, in the order given: of one lane, mapping and window. */
function groups(sent: readonly Sent[]): Sent[][] {
  const open = new Map<string, { items: Sent[]; chars: number }>();
  const closed: Sent[][] = [];
  for (const item of sent) {
    const { source, lane } = item.entry;
    const key = `${source}/${String(lane)}/${item.mapping}/${String(item.windowSeconds)}`;
    let group = open.get(key);
    if (
      group === undefined ||
      group.items.length === BATCH_ITEMS_MAX ||
      group.chars + item.line.length > BATCH_CHARS_MAX
    ) {
      group = { items: [], chars: 0 };
      open.set(key, group);
      closed.push(group.items);
    }
    group.items.push(item);
    group.chars += item.line.length;
  }
  return closed;
}

/** The originals, each batch of them read once. */
async function originals(
  context: ReleaseContext,
  entries: readonly QuarantineEntry[],
  how: ReleaseHow,
): Promise<(Sent | Unsent)[]> {
  let name = '';
  let batch: ReturnType<typeof readBatch> = Promise.resolve(undefined);
  const found: (Sent | Unsent)[] = [];
  for (const entry of entries) {
    const { source, lane, batchId, index } = entry;
    // Entries come by batch, so that one batch in memory is enough.
    if (name !== `${source}/${batchId}`) batch = readBatch(context, context.sealer, source, lane, batchId);
    name = `${source}/${batchId}`;
    const original = await batch;
    const item = original?.items[index];
    if (original === undefined || item === undefined) found.push('gone');
    else if (how.cameWith !== undefined && newestOf(original.header.mapping) !== how.cameWith)
      found.push('other-mapping');
    else found.push(send(entry, original.header, item, how));
  }
  return found;
}

/** Appends a group as the batch `batchId`; where there is one of the id, that one is the batch. */
async function append(
  context: ReleaseContext,
  batchId: string,
  group: readonly Sent[],
): Promise<{ header: BatchHeader; needsWake: boolean } | undefined> {
  const [first] = group;
  if (first === undefined) return undefined;
  const { entry, mapping, windowSeconds } = first;
  const nowMs = (context.now ?? Date.now)();
  return context.batches.append(
    {
      batchId,
      source: entry.source,
      lane: entry.lane,
      mapping,
      items: group.length,
      receivedAt: new Date(nowMs).toISOString(),
      // The window of duplicates starts again: an entry may be released long after it came.
      ...(windowSeconds === undefined ? {} : { dedupeUntil: Math.floor(nowMs / 1_000) + windowSeconds }),
    },
    group.map(({ line }) => line),
  );
}

/** Marks entries released as a batch; those that are so already stay as they are. */
async function mark(
  context: ReleaseContext,
  entries: readonly QuarantineEntry[],
  releasedAs: string,
): Promise<void> {
  const { table, sealer, retention, now = Date.now } = context;
  const releasedAt = new Date(now()).toISOString();
  const expiry = expiryOf(releasedAt, (await retention()).releasedDays);
  const ops: WriteOp[] = await Promise.all(
    entries.map(async (entry): Promise<WriteOp> => ({
      kind: 'put',
      ...(await sealEntry(sealer, { ...entry, status: 'released', releasedAt, releasedAs }, 2)),
      ...expiry,
      expect: 1,
    })),
  );
  for (let i = 0; i < ops.length; i += WRITE_OPS_MAX)
    await writeWherePossible(table, ops.slice(i, i + WRITE_OPS_MAX));
}

/** Makes the ways out of quarantine. */
export function createReleases(context: ReleaseContext): Releases {
  return {
    async one(entry, how = {}) {
      const batchId = derivedUlid(Date.parse(entry.quarantinedAt), entry.id);
      // Released with many others, it is that release's to send.
      if (entry.status === 'released' && entry.releasedAs !== batchId) return false;
      // Sent again even where it says released: the first call may have died before it could wake anyone.
      const [sent] = await originals(context, [entry], how);
      if (sent === 'too-deep') throw new QuarantineTooDeep();
      const appended = await append(context, batchId, typeof sent === 'object' ? [sent] : []);
      if (appended === undefined)
        throw new QuarantineNotFound(
          `the original of quarantine entry ${entry.id} is gone; it can't be released`,
        );
      if (entry.status === 'held') await mark(context, [entry], batchId);
      return appended.needsWake;
    },
    async many(entries, call, how = {}) {
      const found = await originals(context, entries, how);
      const sent = found.filter((item) => typeof item === 'object');
      const count = (why: Unsent): number => found.filter((item) => item === why).length;
      const batches: BatchHeader[] = [];
      const wake = new Map<string, { source: string; lane: number }>();
      for (const [position, group] of groups(sent).entries()) {
        const batchId = derivedUlid(Date.parse(call.at), `${call.name}|${String(position)}`);
        const appended = await append(context, batchId, group);
        if (appended === undefined) continue;
        const { source, lane } = appended.header;
        batches.push(appended.header);
        if (appended.needsWake) wake.set(`${source}/${String(lane)}`, { source, lane });
        const held = group.map(({ entry }) => entry);
        await mark(context, held, batchId);
      }
      return {
        released: sent.length,
        gone: count('gone'),
        skipped: count('other-mapping'),
        tooDeep: count('too-deep'),
        batches,
        wake: [...wake.values()],
      };
    },
  };
}

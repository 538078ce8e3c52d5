import type { RawItem } from '../../domain/ingestion/raw.ts';
import { ConditionFailed, StorageError } from '../errors.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import type { Table, WriteOp } from '../ports.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import { readBatch } from './batches.ts';
import type { IntakeOptions, IntakeSeal } from './context.ts';
import { intakeSeal } from './context.ts';
import type { QuarantineIndex } from './quarantine-index.ts';
import { createQuarantineIndex, entryKey, openEntry, sealEntry, sortName } from './quarantine-index.ts';
import type { BatchStore, Page, PageOptions, QuarantineEntry, QuarantineStore } from './types.ts';
import { derivedUlid } from './ulid.ts';

/** Entries read at a time while filtering. */
const SCAN_PAGE = 100;

/** No entry of this id, or its original is gone. */
export class QuarantineNotFound extends StorageError {
  constructor(what: string) {
    super('quarantine-not-found', what);
  }
}

/** What quarantine stands on; `batches` takes the released items. */
export interface QuarantineOptions extends IntakeOptions {
  readonly batches: BatchStore;
}

/** Writes what is not there yet; of a transaction that fails, the rest is tried again without it. */
async function writeAbsent(table: Table, ops: readonly WriteOp[]): Promise<void> {
  if (ops.length === 0) return;
  try {
    await table.write(ops);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (ops.length === 1) return;
    const failed = new Set(error.failed);
    const left = ops.filter((_, i) => !failed.has(i));
    if (left.length < ops.length) {
      await writeAbsent(table, left);
      return;
    }
    const middle = ops.length >> 1;
    await writeAbsent(table, ops.slice(0, middle));
    await writeAbsent(table, ops.slice(middle));
  }
}

type Filter = Parameters<QuarantineStore['list']>[0];

function matches(filter: Filter, entry: QuarantineEntry): boolean {
  return (
    (filter.code === undefined || entry.reason.code === filter.code) &&
    (filter.status === undefined || entry.status === filter.status)
  );
}

/** Newest first over the sources asked for: each source's list is in order, so the heads are merged. */
async function listEntries(
  table: Table,
  sealer: IntakeSeal,
  index: QuarantineIndex,
  filter: Filter,
  options: PageOptions = {},
): Promise<Page<QuarantineEntry>> {
  const limit = pageLimit(options.limit);
  let after = options.cursor === undefined ? undefined : decodeCursor(options.cursor, 1)[0];
  const sources = filter.source === undefined ? await index.sources() : [filter.source];
  const items: QuarantineEntry[] = [];
  for (;;) {
    const range = { reverse: true, limit: SCAN_PAGE, ...(after === undefined ? {} : { after }) };
    const lists = await table.queryMany(sources.map((source) => ({ pk: entryKey(source, '').pk, ...range })));
    // A full list may go on below its last name; what other lists hold below that waits for the next round.
    const floor = lists
      .filter((list) => list.length === SCAN_PAGE)
      .reduce((low, list) => (low > (list.at(-1)?.sk ?? '') ? low : (list.at(-1)?.sk ?? '')), '');
    const merged = lists
      .flat()
      .filter(({ sk }) => sk >= floor)
      .sort((a, b) => (a.sk < b.sk ? 1 : -1));
    for (const item of merged) {
      const entry = await openEntry(sealer, item);
      after = item.sk;
      if (!matches(filter, entry)) continue;
      items.push(entry);
      if (items.length === limit) return { items, cursor: encodeCursor([item.sk]) };
    }
    if (floor === '') return { items, cursor: null };
  }
}

/** Puts an entry's item into a batch of its own, whose id follows from the entry: of many calls one batch. */
async function sendAgain(
  options: QuarantineOptions,
  sealer: IntakeSeal,
  now: number,
  entry: QuarantineEntry,
  replacement: RawItem['body'] | undefined,
): Promise<{ releasedAs: string; needsWake: boolean }> {
  const batch = await readBatch(options, sealer, entry.source, entry.lane, entry.batchId);
  const item = batch?.items[entry.index];
  if (batch === undefined || item === undefined) {
    throw new QuarantineNotFound(
      `the original of quarantine entry ${entry.id} is gone; it can't be released`,
    );
  }
  const sent = { ...item, ...(replacement === undefined ? {} : { body: replacement }) };
  const line = Object.fromEntries(Object.entries(sent).filter(([name]) => name !== 'reject'));
  const { source, lane, mapping, receivedAt, dedupeUntil } = batch.header;
  // The window of duplicates starts again: an entry may be released long after it came.
  const later = Math.floor((now - Date.parse(receivedAt)) / 1_000);
  const until = dedupeUntil === undefined ? {} : { dedupeUntil: dedupeUntil + Math.max(0, later) };
  const batchId = derivedUlid(Date.parse(entry.quarantinedAt), entry.id);
  const { header, needsWake } = await options.batches.append(
    { batchId, source, lane, mapping, items: 1, receivedAt, ...until },
    [JSON.stringify(line)],
  );
  return { releasedAs: header.batchId, needsWake };
}

/** Opens a tenant's quarantine. */
export function createQuarantineStore(options: QuarantineOptions): QuarantineStore {
  const { tenant, storage, vault, batches } = options;
  const now = options.now ?? Date.now;
  const table = storage.intake;
  const sealer = intakeSeal(tenant, vault);
  const index = createQuarantineIndex(table);

  async function get(id: string): Promise<QuarantineEntry | undefined> {
    const name = sortName(id);
    if (name === undefined) return undefined;
    const sources = await index.sources();
    const found = await table.getMany(sources.map((source) => entryKey(source, name)));
    const item = found.find((candidate) => candidate !== undefined);
    return item === undefined ? undefined : openEntry(sealer, item);
  }

  return {
    async add(entries) {
      await index.ensure(new Set(entries.map(({ source }) => source)));
      const ops = new Map<string, WriteOp>();
      for (const entry of entries) {
        if (ops.has(entry.id)) continue;
        ops.set(entry.id, { kind: 'put', ...(await sealEntry(sealer, entry, 1)), expect: 'absent' });
      }
      const all = [...ops.values()];
      for (let i = 0; i < all.length; i += WRITE_OPS_MAX) {
        await writeAbsent(table, all.slice(i, i + WRITE_OPS_MAX));
      }
    },
    list: (filter, page) => listEntries(table, sealer, index, filter, page),
    get,
    original: (entry) => batches.readItem(entry.source, entry.lane, entry.batchId, entry.index),
    async release(id, replacement) {
      const entry = await get(id);
      if (entry === undefined)
        throw new QuarantineNotFound(`there is no quarantine entry ${JSON.stringify(id)}`);
      // Sent again even where it says released: the first call may have died before it could wake anyone.
      const { releasedAs, needsWake } = await sendAgain(options, sealer, now(), entry, replacement);
      if (entry.status === 'released') return { entry, needsWake };
      const released: QuarantineEntry = {
        ...entry,
        status: 'released',
        releasedAt: new Date(now()).toISOString(),
        releasedAs,
      };
      try {
        await table.write([{ kind: 'put', ...(await sealEntry(sealer, released, 2)), expect: 1 }]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        return { entry: (await get(id)) ?? released, needsWake };
      }
      return { entry: released, needsWake };
    },
  };
}

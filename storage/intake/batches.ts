import type { BatchHeader, RawItem } from '../../domain/ingestion/raw.ts';
import { KeyGone } from '../errors.ts';
import { createAppend } from './append.ts';
import { BatchUnreadable, blobKey, decodeBatch, sourcePrefix } from './batch-blob.ts';
import type { IntakeOptions } from './context.ts';
import { intakeSeal } from './context.ts';
import { countCorrected } from './corrected.ts';
import { completeBatches, COUNTS, readCounts } from './counts.ts';
import { countDecided } from './decided.ts';
import { addDuplicates, listDuplicates } from './duplicates.ts';
import { createLanes } from './lanes.ts';
import { newestOf, oldestOf, pendingKey, pendingOf } from './pending.ts';
import { readBatch } from './read-batch.ts';
import { readHours } from './read-hours.ts';
import type { BatchStore } from './types.ts';
import type { Blobs } from '../ports.ts';

/** Batches listed at a time. */
const LIST_PAGE = 1_000;

/** The ids of a lane's batches, read off the keys of their bytes. */
async function storedOf(
  blobs: Blobs,
  prefix: string,
  { after, to }: { readonly after?: string; readonly to?: string },
): Promise<string[]> {
  const ids: string[] = [];
  for (let from = after; ;) {
    const keys = await blobs.list(prefix, {
      limit: LIST_PAGE,
      ...(from === undefined ? {} : { after: `${prefix}${from}` }),
    });
    const found = keys.map((key) => key.slice(prefix.length));
    const within = to === undefined ? found : found.filter((id) => id <= to);
    ids.push(...within);
    from = found.at(-1);
    if (within.length < found.length || keys.length < LIST_PAGE || from === undefined) return ids;
  }
}

/** Opens the batch store of a tenant. */
export function createBatchStore(options: IntakeOptions): BatchStore {
  const { tenant, storage, vault } = options;
  const now = options.now ?? Date.now;
  const table = storage.intake;
  const sealer = intakeSeal(tenant, vault);
  const lanes = createLanes(table);

  async function readStored(key: string): Promise<{ header: BatchHeader; items: RawItem[] } | undefined> {
    try {
      const sealed = await storage.blobs.get(key);
      return sealed === undefined ? undefined : decodeBatch(await sealer.open(key, sealed));
    } catch (error) {
      if (error instanceof KeyGone) return undefined;
      throw error;
    }
  }

  return {
    append: createAppend(options, sealer, lanes),
    async read(header) {
      const batch = await readBatch(options, sealer, header.source, header.lane, header.batchId);
      if (batch === undefined) throw new BatchUnreadable(`batch ${header.batchId} is not in the store`);
      return batch.items;
    },
    readItem: async (source, lane, batchId, index) =>
      (await readStored(blobKey(source, lane, batchId)))?.items[index],
    stored: (source, page) => storage.blobs.list(sourcePrefix(source), page),
    readStored,
    pending: (source, lane, limit) => pendingOf(table, source, lane, limit),
    async pendingLanes() {
      const oldest = await oldestOf(table, await lanes.list());
      return oldest.map((header) => ({ source: header.source, lane: header.lane, oldest: header }));
    },
    pendingBounds: async (source) =>
      newestOf(
        table,
        (await lanes.list()).filter((lane) => lane.source === source),
      ),
    complete: (outcomes) => completeBatches(table, outcomes),
    setLane: (source, lane, status) => lanes.set(source, lane, status),
    counts: () => readCounts(table, lanes),
    countDecided: (cause, change) => countDecided(table, cause, change, now()),
    countCorrected: (cause, change) => countCorrected(table, COUNTS, { ...change, cause, nowMs: now() }),
    storedOf: (source, lane, range) => storedOf(storage.blobs, blobKey(source, lane, ''), range),
    readBatch: (source, lane, batchId) => readStored(blobKey(source, lane, batchId)),
    hours: (source, range) => readHours(table, source, range),
    stillPending: async (headers) =>
      (await table.getMany(headers.map(pendingKey))).filter((item) => item !== undefined).length,
    addDuplicates: (entries) => addDuplicates(table, sealer, entries),
    duplicates: (source, page) => listDuplicates(table, sealer, source, page),
  };
}

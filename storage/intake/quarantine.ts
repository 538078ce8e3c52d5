import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import type { Table, WriteOp } from '../ports.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import type { IntakeOptions, IntakeSeal } from './context.ts';
import { intakeSeal } from './context.ts';
import type { QuarantineIndex } from './quarantine-index.ts';
import {
  countEntries,
  createQuarantineIndex,
  entryKey,
  expiryOf,
  NO_ENTRY,
  openEntry,
  sealEntry,
  sortName,
  writeWherePossible,
} from './quarantine-index.ts';
import { createReleases, QuarantineNotFound } from './quarantine-release.ts';
import type {
  BatchStore,
  Page,
  PageOptions,
  QuarantineEntry,
  QuarantineFilter,
  QuarantineRetention,
  QuarantineStore,
} from './types.ts';

/** Entries read at a time while filtering. */
const SCAN_PAGE = 100;

/** What is held waits until somebody decides; what was released can be looked up for a quarter. */
export const DEFAULT_RETENTION: QuarantineRetention = { releasedDays: 90 };

/** What quarantine stands on; `batches` takes the released items. Entries are kept as `DEFAULT_RETENTION` says where it is silent. */
export interface QuarantineOptions extends IntakeOptions {
  readonly batches: BatchStore;
  readonly retention?: () => Promise<QuarantineRetention>;
}

function matches(filter: QuarantineFilter, entry: QuarantineEntry): boolean {
  return (
    (filter.code === undefined || entry.reason.code === filter.code) &&
    (filter.status === undefined || entry.status === filter.status) &&
    (filter.from === undefined || entry.quarantinedAt >= filter.from) &&
    (filter.to === undefined || entry.quarantinedAt < filter.to)
  );
}

/** Newest first over the sources asked for: each source's list is in order, so the heads are merged. */
async function listEntries(
  table: Table,
  sealer: IntakeSeal,
  index: QuarantineIndex,
  filter: QuarantineFilter,
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

/** Opens a tenant's quarantine. */
export function createQuarantineStore(options: QuarantineOptions): QuarantineStore {
  const { tenant, storage, vault, batches } = options;
  const retention = options.retention ?? (() => Promise.resolve(DEFAULT_RETENTION));
  const table = storage.intake;
  const sealer = intakeSeal(tenant, vault);
  const index = createQuarantineIndex(table);

  async function getMany(source: string, ids: readonly string[]): Promise<(QuarantineEntry | undefined)[]> {
    const items = await table.getMany(ids.map((id) => entryKey(source, sortName(id) ?? NO_ENTRY)));
    return Promise.all(items.map(async (item) => (item === undefined ? undefined : openEntry(sealer, item))));
  }

  async function get(id: string): Promise<QuarantineEntry | undefined> {
    const name = sortName(id);
    if (name === undefined) return undefined;
    const sources = await index.sources();
    const found = await table.getMany(sources.map((source) => entryKey(source, name)));
    const item = found.find((candidate) => candidate !== undefined);
    return item === undefined ? undefined : openEntry(sealer, item);
  }

  const releases = createReleases({ ...options, table, sealer, retention });
  return {
    async add(entries) {
      await index.ensure(new Set(entries.map(({ source }) => source)));
      const { heldDays } = await retention();
      const ops = new Map<string, WriteOp>();
      for (const entry of entries) {
        if (ops.has(entry.id)) continue;
        const expiry = expiryOf(entry.quarantinedAt, heldDays);
        ops.set(entry.id, {
          kind: 'put',
          ...(await sealEntry(sealer, entry, 1)),
          ...expiry,
          expect: 'absent',
        });
      }
      const all = [...ops.values()];
      for (let i = 0; i < all.length; i += WRITE_OPS_MAX) {
        await writeWherePossible(table, all.slice(i, i + WRITE_OPS_MAX));
      }
    },
    list: (filter, page) => listEntries(table, sealer, index, filter, page),
    get,
    getMany,
    countOf: (headers) => countEntries(table, headers),
    original: (entry) => batches.readItem(entry.source, entry.lane, entry.batchId, entry.index),
    async release(id, how) {
      const entry = await get(id);
      if (entry === undefined)
        throw new QuarantineNotFound(`there is no quarantine entry ${JSON.stringify(id)}`);
      const needsWake = await releases.one(entry, how);
      return { entry: (await get(id)) ?? entry, needsWake };
    },
    releaseMany: (entries, call, how) => releases.many(entries, call, how),
  };
}

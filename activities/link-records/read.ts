import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { LinkRequest } from '../../domain/link-records/run.ts';
import { recordReader, type RecordReader } from '../../storage/linkage/read-record.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { READ_PART, type Listing, type ReadResult, type WorkRecord } from './types.ts';

/** Fragments read side by side: enough to hide a remote store's latency. */
const READ_AT_ONCE = 50;

/** Reads the listed fragments part by part; a part that is there already is not read again. */
export async function readParts(
  store: Pick<TenantStore, 'log' | 'registry' | 'linkage' | 'vault'>,
  request: LinkRequest,
  listing: Listing,
  beat: () => void,
): Promise<ReadResult> {
  const { runId } = request;
  const { work } = store.linkage;
  const known = await work.get<ReadResult>(runId, 'result', READ_PART);
  if (known !== undefined) return known;
  const reading = {
    store,
    runId,
    readOne: recordReader(store, request, listing.knownAt),
    seen: await versionsSeen(store, request),
  };
  let records = 0;
  for (let part = 0; part < listing.parts; part++) {
    const there = await work.get<WorkRecord[]>(runId, 'records', part);
    const rows = there ?? (await readPart(reading, part, beat));
    if (there === undefined) await work.put(runId, 'records', part, rows);
    records += rows.length;
    beat();
  }
  const result = { fragments: listing.fragments, records, parts: listing.parts };
  await work.put(runId, 'result', READ_PART, result);
  return result;
}

/** What the parts are read with. */
interface Reading {
  readonly store: Pick<TenantStore, 'log' | 'linkage' | 'vault'>;
  readonly runId: string;
  readonly readOne: RecordReader;
  /** Records that an earlier run has read, and how far their streams had got; undefined where all are to be read. */
  readonly seen: ReadonlyMap<FragmentId, number> | undefined;
}

async function versionsSeen(
  store: Pick<TenantStore, 'linkage'>,
  request: LinkRequest,
): Promise<Reading['seen']> {
  if (request.mode === 'full') return undefined;
  const current = await store.linkage.runs.current(request);
  return current === undefined ? undefined : store.linkage.index.versions(current.index);
}

/** Those of the fragments whose streams go further than an earlier run has read. */
async function unseen({ store, seen }: Reading, fragments: readonly FragmentId[]): Promise<FragmentId[]> {
  if (seen === undefined) return [...fragments];
  const tips = await store.log.tips(fragments);
  return tips
    .filter(({ fragment, version }) => version > (seen.get(fragment) ?? 0))
    .map(({ fragment }) => fragment);
}

async function readPart(reading: Reading, part: number, beat: () => void): Promise<WorkRecord[]> {
  const { store, runId, readOne } = reading;
  const fragments = (await store.linkage.work.get<FragmentId[]>(runId, 'fragments', part)) ?? [];
  const rows: WorkRecord[] = [];
  for (let from = 0; from < fragments.length; from += READ_AT_ONCE) {
    const some = await unseen(reading, fragments.slice(from, from + READ_AT_ONCE));
    // One read of all their keys; each record's own read then finds them in memory.
    await store.vault.keys(some);
    const read = await Promise.all(some.map(readOne));
    for (const record of read)
      if (record !== undefined)
        rows.push({ f: record.fragment, s: record.source, v: record.version, p: record.person });
    beat();
  }
  return rows;
}

import type { ImportRequest } from '../../domain/ingestion/imports.ts';
import type { RawItem } from '../../domain/ingestion/raw.ts';
import type { FileTake } from '../../storage/imports/types.ts';
import { blobKey } from '../../storage/intake/batch-blob.ts';
import { batchIdOf } from './chunk.ts';
import { refOf } from './file.ts';
import { oneByOne, readRows } from './read-rows.ts';
import type { ImportDeps, ImportPlan, ImportPosition } from './types.ts';

/** Rows of a take's n-th chunk from all its lanes, in the file's order; undefined where none of its batches can be read. */
async function chunkTaken(
  deps: ImportDeps,
  source: string,
  take: FileTake,
  chunk: number,
): Promise<RawItem[] | undefined> {
  const { lanes, lane: only = 0 } = take;
  const keys =
    lanes === undefined
      ? [blobKey(source, only, batchIdOf(take, chunk, 0))]
      : Array.from({ length: lanes }, (_, lane) => blobKey(source, lane, batchIdOf(take, chunk, lane)));
  const read = await Promise.all(keys.map((key) => deps.store.batches.readStored(key)));
  const batches = read.filter((batch) => batch !== undefined);
  if (batches.length === 0) return undefined;
  return batches.flatMap(({ items }) => items).sort((a, b) => (a.origin?.row ?? 0) - (b.origin?.row ?? 0));
}

/** Rows that came with takes of a file, in its order, as far as their batches can be read. */
async function* rowsTaken(
  deps: ImportDeps,
  source: string,
  takes: readonly FileTake[],
): AsyncGenerator<RawItem> {
  for (const [at, take] of takes.entries()) {
    const until = takes[at + 1]?.fromRow ?? Infinity;
    for (let chunk = 0; ; chunk += 1) {
      const all = await chunkTaken(deps, source, take, chunk);
      const items = all?.filter(({ origin }) => (origin?.row ?? 0) <= until) ?? [];
      yield* items;
      if (all === undefined || items.length < all.length) break;
    }
  }
}

/** How far the file begins with the rows that were taken in: the end of the last that is the same. */
async function commonRows(
  deps: ImportDeps,
  request: ImportRequest,
  plan: ImportPlan,
  takes: readonly FileTake[],
): Promise<{ readonly byte: number; readonly row: number }> {
  let { byte, row } = plan.start;
  const pieces = readRows(deps.files, refOf(request.path, plan), plan, plan.start, () => undefined);
  const rows = oneByOne(pieces);
  try {
    for await (const taken of rowsTaken(deps, request.source, takes)) {
      const next = await rows.next();
      if (next.done === true || taken.origin?.row !== next.value.row) break;
      // Both parsed, so that a number is the same however it was written.
      if (JSON.stringify(JSON.parse(next.value.body)) !== JSON.stringify(taken.body)) break;
      ({ endByte: byte, row } = next.value);
    }
  } finally {
    await rows.return(undefined);
  }
  return { byte, row };
}

/**
 * Where reading of a file starts. A file of a folder that was imported before and is another now, since rows were added
 * or since it changed while it was read, is compared with what was taken in of it: the rows that it still begins with are
 * not taken in again. Answers the same for a content ever after, wherever it lies.
 */
export async function earlierRows(
  deps: ImportDeps,
  request: ImportRequest,
  plan: ImportPlan,
): Promise<ImportPosition> {
  const { files } = deps.store.imports;
  if (plan.dryRun) return plan.start;
  const known = await files.start(request.source, plan.digest);
  if (known !== undefined) return { ...plan.start, ...known };
  if (request.folderId === undefined) return plan.start;
  const before = await files.get(request.source, request.path);
  if (before === undefined || before.mapping !== request.mapping) return plan.start;
  if (before.takes.some(({ digest }) => digest === plan.digest)) return plan.start;
  const common = await commonRows(deps, request, plan, before.takes);
  if (common.row === 0) return plan.start;
  return { ...plan.start, ...(await files.putStart(request.source, plan.digest, common)) };
}

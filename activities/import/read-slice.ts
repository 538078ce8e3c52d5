import { CancelledFailure, Context } from '@temporalio/activity';
import { patiently } from '../ingest/patience.ts';
import { sleep } from '../ingest/pause.ts';
import { appendChunk, CHUNK_CHARS, CHUNK_ROWS, rehearseChunk } from './chunk.ts';
import { readCsvRows } from './csv.ts';
import { assertUnchanged, changed, digestOf } from './file.ts';
import { readJsonRows } from './ndjson.ts';
import { requestOf } from './prepare.ts';
import type { FileRow, ImportDeps, ImportPosition, SliceInput } from './types.ts';

/** Reading waits while so many batches of its lane are not yet drained. */
const PENDING_MAX = 20;
const PENDING_LOOK_MS = 20;

function isPosition(value: unknown): value is ImportPosition {
  return typeof value === 'object' && value !== null && 'byte' in value && 'chunk' in value;
}

/** Runs a step that waits while the store is down, heartbeating where it stands. */
async function steadily<T>(position: ImportPosition, step: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => {
    context.heartbeat(position);
  }, 1_000);
  try {
    return await patiently({ signal: context.cancellationSignal, waiting: () => undefined }, step);
  } finally {
    clearInterval(beat);
  }
}

async function waitForRoom(
  deps: ImportDeps,
  { source, plan }: SliceInput,
  position: ImportPosition,
): Promise<void> {
  const context = Context.current();
  for (;;) {
    const pending = await deps.store.batches.pending(source, plan.lane, PENDING_MAX + 1);
    if (pending.length <= PENDING_MAX) return;
    context.heartbeat(position);
    await sleep(PENDING_LOOK_MS, context.cancellationSignal);
    if (context.cancellationSignal.aborted) throw new CancelledFailure('the import was cancelled');
  }
}

async function takeIn(
  deps: ImportDeps,
  input: SliceInput,
  position: ImportPosition,
  rows: FileRow[],
): Promise<void> {
  const { plan } = input;
  await steadily(position, async () => {
    if (plan.dryRun) {
      await rehearseChunk(deps, input, plan, position.chunk, rows);
      return;
    }
    await waitForRoom(deps, input, position);
    await appendChunk(deps, input, plan, position.chunk, rows);
  });
}

/**
 * Reads on from a position until the slice's time is over or the file ends; answers where it got to. A retry goes on
 * at the last heartbeat; batches that were appended after it are appended again under the same ids, to no effect.
 */
export async function readSlice(deps: ImportDeps, input: SliceInput): Promise<ImportPosition> {
  const { plan } = input;
  const context = Context.current();
  const until = performance.now() + input.sliceMs;
  const { path } = await requestOf(deps, input);
  const stamp = { bytes: plan.bytesTotal, modifiedMs: plan.modifiedMs };
  await assertUnchanged(path, stamp);
  const last: unknown = context.info.heartbeatDetails;
  let position = isPosition(last) ? last : input.position;
  let rows: FileRow[] = [];
  let chars = 0;
  const close = async (): Promise<void> => {
    const end = rows.at(-1);
    if (end === undefined) return;
    await takeIn(deps, input, position, rows);
    position = { byte: end.endByte, row: end.row, chunk: position.chunk + 1, done: false };
    rows = [];
    chars = 0;
    context.heartbeat(position);
  };
  const read = plan.format === 'csv' ? readCsvRows : readJsonRows;
  for await (const row of read(path, plan, position)) {
    rows.push(row);
    chars += row.body.length;
    if (rows.length < CHUNK_ROWS && chars < CHUNK_CHARS) continue;
    await close();
    if (context.cancellationSignal.aborted) throw new CancelledFailure('the import was cancelled');
    if (performance.now() >= until) {
      await assertUnchanged(path, stamp);
      return position;
    }
  }
  await assertUnchanged(path, stamp);
  await close();
  const { digest } = await digestOf(path, () => {
    context.heartbeat(position);
  });
  if (digest !== plan.digest) throw changed();
  return { ...position, byte: plan.bytesTotal, done: true };
}

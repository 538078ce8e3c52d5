import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { isObjectLocation } from '../../domain/ingestion/imports.ts';
import { fileChanged } from '../../storage/files/types.ts';
import { patiently } from '../ingest/patience.ts';
import { sleep } from '../ingest/pause.ts';
import { appendChunk, chunkLimits, rehearseChunk } from './chunk.ts';
import { asImportFailure } from './failures.ts';
import { assertUnchanged, digestOf, refOf } from './file.ts';
import { requestOf } from './prepare.ts';
import { readRows } from './read-rows.ts';
import type { FileRow, ImportDeps, ImportPosition, SliceInput } from './types.ts';

/** Reading waits while so many batches of one of its lanes are not yet drained. */
const PENDING_MAX = 20;
const PENDING_LOOK_MS = 20;
/** Between heartbeats while there is nothing new to tell, in milliseconds. */
const HEARTBEAT_MS = 1_000;
/**
 * A slice reads on for at least so many times as long as it took to get to its place. Compressed content is read from its
 * start and an object of Parquet fetched whole, each time: slices that grow with that keep it a tenth of the work.
 */
const START_SHARE = 10;
/** A most of milliseconds of a slice that grows so, well within what Temporal lets it take. */
const SLICE_MAX_MS = 1_800_000;

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
  for (let lane = 0; lane < plan.lanes;) {
    const pending = await deps.store.batches.pending(source, lane, PENDING_MAX + 1);
    if (pending.length <= PENDING_MAX) {
      lane += 1;
      continue;
    }
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

/** Reads on from a position, telling each position that is reached; answers where it got to. */
async function readOn(
  deps: ImportDeps,
  input: SliceInput,
  from: ImportPosition,
  reached: (position: ImportPosition) => void,
): Promise<ImportPosition> {
  const { plan } = input;
  const context = Context.current();
  const limits = chunkLimits(plan);
  const began = performance.now();
  const { path } = await requestOf(deps, input);
  const ref = refOf(path, plan);
  await assertUnchanged(deps.files, ref);
  let position = from;
  let rows: FileRow[] = [];
  let chars = 0;
  let until: number | undefined;
  const beat = (): void => {
    context.heartbeat(position);
  };
  const close = async (): Promise<void> => {
    const end = rows.at(-1);
    if (end === undefined) return;
    await takeIn(deps, input, position, rows);
    position = { byte: end.endByte, row: end.row, chunk: position.chunk + 1, done: false };
    rows = [];
    chars = 0;
    reached(position);
    beat();
  };
  // Getting to the first row may take long, and rows of Parquet come from another process.
  const timer = setInterval(beat, HEARTBEAT_MS);
  try {
    for await (const together of readRows(deps.files, ref, plan, position, beat)) {
      until ??= endOf(began, input);
      for (const row of together) {
        rows.push(row);
        chars += row.body.length;
        if (rows.length < limits.rows && chars < limits.chars) continue;
        await close();
        if (context.cancellationSignal.aborted) throw new CancelledFailure('the import was cancelled');
        if (performance.now() >= until) {
          await assertUnchanged(deps.files, ref);
          return position;
        }
      }
    }
    await assertUnchanged(deps.files, ref);
    await close();
    // Every range of an object was bound to its version already.
    if (!isObjectLocation(path) && (await digestOf(deps.files, ref, beat)).digest !== plan.digest)
      throw fileChanged();
  } finally {
    clearInterval(timer);
  }
  return { ...position, byte: plan.bytesTotal, done: true };
}

function endOf(began: number, { plan, sliceMs }: SliceInput): number {
  const now = performance.now();
  // Plain text is entered anywhere at no cost.
  if (plan.compression === undefined && plan.format !== 'parquet') return now + sliceMs;
  return now + Math.max(sliceMs, Math.min(SLICE_MAX_MS, (now - began) * START_SHARE));
}

/**
 * Reads on from a position until the slice's time is over or the file ends; answers where it got to. A retry goes on
 * at the last heartbeat; batches that were appended after it are appended again under the same ids, to no effect.
 * A failure for good carries the position as its detail: what lies before it was taken in.
 */
export async function readSlice(deps: ImportDeps, input: SliceInput): Promise<ImportPosition> {
  const last: unknown = Context.current().info.heartbeatDetails;
  let position = isPosition(last) ? last : input.position;
  try {
    return await readOn(deps, input, position, (reached) => {
      position = reached;
    });
  } catch (error) {
    const failure = asImportFailure(error);
    if (!(failure instanceof ApplicationFailure)) throw failure;
    throw ApplicationFailure.create({
      message: failure.message,
      type: failure.type ?? 'ImportFailed',
      nonRetryable: failure.nonRetryable === true,
      details: [position],
    });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { ItemPlace } from '../../storage/intake/mapping-replay-work.ts';
import type { BatchHeader } from '../../domain/ingestion/raw.ts';
import { beating, requestOf } from './common.ts';
import type { ReplayMappingDeps, ReplayRef } from './types.ts';

/** Batches of a lane between two bounds. */
const SLICE_BATCHES = 20;
/** Places held in memory before they are written out, some 100 bytes each. */
const PLACES_MAX = 200_000;
/** How long what is not through yet is waited for, in milliseconds; what is not through then is left out. */
const DRAIN_WAIT_MS = 30_000;
const LOOK_MS = 200;

/**
 * Says that the source is being mapped again, waits until every pump knows, and finds out which fragments hold the events of
 * which items: one reading of the whole log. A plan that stands is not made again.
 */
export async function planRunOf(
  deps: ReplayMappingDeps,
  input: ReplayRef,
): Promise<{ readonly slices: number }> {
  const { store, settleMs } = deps;
  const { source, runId } = input;
  return beating(async () => {
    await requestOf(deps, input);
    await store.mappingReplays.setReplaying(source, runId, true);
    const known = await store.mappingReplays.plan(runId);
    if (known !== undefined) return { slices: known.bounds.length + 1 };
    await sleep(settleMs);
    const waiting = await untilThrough(deps, source);
    const lanes = (await store.registry.source(source))?.lanes ?? 0;
    const bounds = await boundsOf(deps, source, lanes);
    await findPlaces(deps, input, bounds);
    const plan = { lanes: Array.from({ length: lanes }, (_, lane) => lane), bounds, waiting };
    await store.mappingReplays.putPlan(runId, plan);
    return { slices: bounds.length + 1 };
  });
}

async function pendingBatches({ store }: ReplayMappingDeps, source: string): Promise<BatchHeader[]> {
  const lanes = (await store.batches.pendingLanes()).filter((lane) => lane.source === source);
  const pending = await Promise.all(lanes.map(({ lane }) => store.batches.pending(source, lane, Infinity)));
  return pending.flat();
}

/** Waits for what was pending at first; answers what still is, and what came meanwhile. */
async function untilThrough(deps: ReplayMappingDeps, source: string): Promise<string[]> {
  const first = await pendingBatches(deps, source);
  const { cancellationSignal } = Context.current();
  for (let waited = 0; waited < DRAIN_WAIT_MS; waited += LOOK_MS) {
    if ((await deps.store.batches.stillPending(first)) === 0) break;
    cancellationSignal.throwIfAborted();
    await sleep(LOOK_MS);
  }
  return (await pendingBatches(deps, source)).map(({ batchId }) => batchId);
}

/** Ids between which the batches of all lanes are cut into slices. */
async function boundsOf({ store }: ReplayMappingDeps, source: string, lanes: number): Promise<string[]> {
  const bounds = new Set<string>();
  for (let lane = 0; lane < lanes; lane += 1) {
    const ids = await store.batches.storedOf(source, lane, {});
    for (let at = SLICE_BATCHES - 1; at < ids.length - 1; at += SLICE_BATCHES) {
      const id = ids[at];
      if (id !== undefined) bounds.add(id);
    }
  }
  return [...bounds].sort();
}

/** The slice that a batch is in: the first whose bound is not before it. */
export function sliceOf(bounds: readonly string[], batchId: string): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle] ?? '') >= batchId) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function findPlaces(
  { store }: ReplayMappingDeps,
  { source, runId }: ReplayRef,
  bounds: readonly string[],
): Promise<void> {
  const { cancellationSignal } = Context.current();
  let found = new Map<number, ItemPlace[]>();
  let held = 0;
  let part = 0;
  const flush = async (): Promise<void> => {
    for (const [slice, places] of found) await store.mappingReplays.putPlaces(runId, slice, part, places);
    found = new Map();
    held = 0;
    part += 1;
  };
  for await (const { fragment, commit } of store.log.scan()) {
    cancellationSignal.throwIfAborted();
    for (const event of commit.events) {
      if (event.source !== source) continue;
      const slice = sliceOf(bounds, event.batchId);
      const places = found.get(slice) ?? [];
      found.set(slice, places);
      places.push([event.batchId, event.index, fragment]);
      held += 1;
    }
    if (held >= PLACES_MAX) await flush();
  }
  await flush();
}

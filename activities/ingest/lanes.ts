import { Context } from '@temporalio/activity';
import type { LaneBound } from '../../domain/ingestion/raw.ts';
import type { PendingLane } from '../../storage/intake/types.ts';
import { patiently, type Patience } from './patience.ts';
import { sleep } from './pause.ts';
import type { IngestDeps } from './types.ts';

/** Which source; the tenant is the worker's. */
export interface SourceInput {
  readonly tenant: string;
  readonly source: string;
}

/** What is to be drained; all that is pending as the wait begins where no bounds are given. */
export interface DrainedInput extends SourceInput {
  readonly bounds?: readonly LaneBound[];
}

/** Between looks at whether a source is drained, in milliseconds: short at first, so that a small drain is quick. */
const LOOK_MIN_MS = 25;
const LOOK_MAX_MS = 500;

function patienceOf(deps: IngestDeps, source: string): Patience {
  return {
    signal: Context.current().cancellationSignal,
    waiting: () => {
      Context.current().heartbeat();
      deps.observer.waiting(source, 'drain');
    },
  };
}

async function pendingOf(deps: IngestDeps, { source }: SourceInput): Promise<PendingLane[]> {
  const lanes = await patiently(patienceOf(deps, source), () => deps.store.batches.pendingLanes());
  return lanes.filter((lane) => lane.source === source);
}

/** Lanes of a source that have pending batches, ascending. */
export async function pendingLanesOf(deps: IngestDeps, input: SourceInput): Promise<number[]> {
  return (await pendingOf(deps, input)).map(({ lane }) => lane).sort((a, b) => a - b);
}

/** The newest pending batch of each lane of a source that has any. */
export async function pendingBoundsOf(deps: IngestDeps, input: SourceInput): Promise<LaneBound[]> {
  return patiently(patienceOf(deps, input.source), () => deps.store.batches.pendingBounds(input.source));
}

/**
 * Returns once nothing at or before the bounds is pending; heartbeats while it waits. What comes later does not count: a lane
 * that is sent to all the time is never seen empty.
 */
export async function waitUntilDrained(deps: IngestDeps, input: DrainedInput): Promise<void> {
  const context = Context.current();
  const bounds = input.bounds ?? (await pendingBoundsOf(deps, input));
  const isWithin = (lane: number, batchId: string): boolean =>
    bounds.some((bound) => bound.lane === lane && batchId <= bound.through);
  for (let wait = LOOK_MIN_MS; ; wait = Math.min(wait * 1.5, LOOK_MAX_MS)) {
    const lanes = await pendingOf(deps, input);
    if (!lanes.some(({ lane, oldest }) => isWithin(lane, oldest.batchId))) return;
    context.heartbeat();
    await sleep(wait, context.cancellationSignal);
    if (context.cancellationSignal.aborted) await context.cancelled;
  }
}

/** Marks a lane of a paused source as spoken for, so that whoever adds a batch to it need not wake anybody. */
export async function holdLaneOf(
  deps: IngestDeps,
  input: SourceInput & { readonly lane: number },
): Promise<void> {
  await patiently(patienceOf(deps, input.source), () =>
    deps.store.batches.setLane(input.source, input.lane, 'pumping'),
  );
}

import { Context } from '@temporalio/activity';
import { patiently, type Patience } from './patience.ts';
import { sleep } from './pause.ts';
import type { IngestDeps } from './types.ts';

/** Which source; the tenant is the worker's. */
export interface SourceInput {
  readonly tenant: string;
  readonly source: string;
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

/** Lanes of a source that have pending batches, ascending. */
export async function pendingLanesOf(deps: IngestDeps, input: SourceInput): Promise<number[]> {
  const lanes = await patiently(patienceOf(deps, input.source), () => deps.store.batches.pendingLanes());
  return lanes
    .filter((lane) => lane.source === input.source)
    .map((lane) => lane.lane)
    .sort((a, b) => a - b);
}

/** Returns once every lane of the source was seen empty; heartbeats while it waits. */
export async function waitUntilDrained(deps: IngestDeps, input: SourceInput): Promise<void> {
  const context = Context.current();
  for (let wait = LOOK_MIN_MS; ; wait = Math.min(wait * 1.5, LOOK_MAX_MS)) {
    if ((await pendingLanesOf(deps, input)).length === 0) return;
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

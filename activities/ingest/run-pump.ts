import { Context } from '@temporalio/activity';
import type { PumpInput, PumpLane, PumpTotals } from './pump.ts';
import type { IngestDeps } from './types.ts';

/** `idle`: the lane is empty and marked so; whoever adds a batch wakes it. `time`, `cancelled`: there may be more. */
export interface PumpResult {
  readonly ended: 'idle' | 'time' | 'cancelled';
  readonly totals: PumpTotals;
}

const PUMP_DURATION_MS = 60_000;

const NOTHING: PumpTotals = { batches: 0, items: 0, stored: 0, duplicates: 0, quarantined: 0 };

/** Marks a lane that nobody will pump; where the store can't answer, the worker's sweep finds the lane. */
async function leave({ store, observer }: IngestDeps, { source, lane }: PumpInput): Promise<void> {
  try {
    await store.batches.setLane(source, lane, 'idle');
  } catch {
    observer.waiting(source, 'lane-not-marked');
  }
}

/**
 * Drains a lane's pending batches, as Temporal's activity `pump`. Heartbeats its totals; a try after a crash goes on
 * from them. Asked to cancel, it finishes the unit at hand; at a worker's shutdown it ends as at the end of its time, to
 * be started elsewhere. Waits while the store is down or full.
 */
export async function runPump(deps: IngestDeps, pump: PumpLane, input: PumpInput): Promise<PumpResult> {
  const context = Context.current();
  const stop = new AbortController();
  const end = (): void => {
    stop.abort();
  };
  const timer = setTimeout(end, input.durationMs ?? PUMP_DURATION_MS);
  const last: unknown = context.info.heartbeatDetails;
  let totals = isTotals(last) ? last : NOTHING;
  const beat = (now: PumpTotals): void => {
    totals = now;
    context.heartbeat(totals);
  };
  context.cancellationSignal.addEventListener('abort', end);
  if (context.cancellationSignal.aborted) end();
  try {
    beat(totals);
    if (await pump({ input, from: totals, signal: stop.signal, beat })) return { ended: 'idle', totals };
    const cancelled = context.cancellationSignal.aborted;
    if (!cancelled || context.cancellationDetails?.workerShutdown === true) return { ended: 'time', totals };
    // Paused, its workflow answers for the lane and need not be woken for it. Without a workflow nobody does.
    if (context.cancellationDetails?.cancelRequested !== true) await leave(deps, input);
    return { ended: 'cancelled', totals };
  } finally {
    clearTimeout(timer);
    context.cancellationSignal.removeEventListener('abort', end);
  }
}

function isTotals(value: unknown): value is PumpTotals {
  return typeof value === 'object' && value !== null && 'batches' in value && 'items' in value;
}

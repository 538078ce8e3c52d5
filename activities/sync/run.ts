import { CancelledFailure, Context } from '@temporalio/activity';
import { durationMs } from '../../domain/duration.ts';
import { readFrom } from '../../domain/sync/cursor.ts';
import {
  addCounts,
  NO_COUNTS,
  type StreamCounts,
  type SyncManifest,
  type SyncOutcome,
} from '../../domain/sync/types.ts';
import type { StreamState, SyncRun } from '../../storage/syncs/types.ts';
import { sleep } from '../ingest/pause.ts';
import { configOf } from './step.ts';
import { outcomesKey } from './take-in.ts';
import type { SyncDeps } from './types.ts';
import { VENDOR_APIS } from './vendors.ts';

/** Between looks at whether the pumps are through, in milliseconds. */
const LOOK_MIN_MS = 25;
const LOOK_MAX_MS = 500;

/** A run as it starts. Times are ISO 8601 UTC. */
export interface BeginInput {
  readonly tenant: string;
  readonly source: string;
  readonly runId: string;
  readonly workflowId: string;
  readonly startedAt: string;
  /** When a schedule had it due. */
  readonly dueAt?: string;
}

/** Notes what a run is to read: each stream from its cursor. Done again, it changes nothing. */
export async function beginSync(deps: SyncDeps, input: BeginInput): Promise<void> {
  const { source, runId, startedAt, dueAt } = input;
  const config = await configOf(deps, source);
  const cursors = await deps.store.syncs.cursors(source);
  const api = VENDOR_APIS[config.vendor];
  const overlapMs = durationMs(config.overlap) ?? 0;
  const streams = config.objects.flatMap((object) =>
    api.streams(object, config.deletions).map((stream): StreamState => ({
      ...{ ...NO_COUNTS, stream, object, position: null, seen: [], inOrder: true, done: false },
      ...{ from: readFrom(cursors.get(stream), overlapMs, dueAt), latest: null },
    })),
  );
  await deps.store.syncs.begin({ source, runId, startedAt, step: 0, streams, described: [], drift: [] });
}

/** One slice of waiting. */
export interface DrainInput {
  readonly tenant: string;
  readonly source: string;
  readonly runId: string;
  readonly sliceMs: number;
}

async function outcomeOf(deps: SyncDeps, name: { source: string; runId: string }) {
  const ids = await deps.store.syncs.batches(name);
  const found = await deps.store.imports.outcomes(outcomesKey(name), ids);
  const sum: SyncOutcome = { stored: 0, duplicates: 0, quarantined: 0 };
  const counts = found.reduce<SyncOutcome>(
    (total, outcome) => ({
      stored: total.stored + (outcome?.stored ?? 0),
      duplicates: total.duplicates + (outcome?.duplicates ?? 0),
      quarantined: total.quarantined + (outcome?.quarantined ?? 0),
    }),
    sum,
  );
  return { done: found.every((outcome) => outcome !== undefined), counts };
}

/** Waits until every batch of the run has an outcome, or the slice's time is over. */
export async function drainSync(
  deps: SyncDeps,
  input: DrainInput,
): Promise<{ done: boolean; counts: SyncOutcome }> {
  const context = Context.current();
  const until = performance.now() + input.sliceMs;
  for (let wait = LOOK_MIN_MS; ; wait = Math.min(wait * 1.5, LOOK_MAX_MS)) {
    const drained = await outcomeOf(deps, input);
    if (drained.done || performance.now() >= until) return drained;
    context.heartbeat();
    await sleep(wait, context.cancellationSignal);
    if (context.cancellationSignal.aborted) throw new CancelledFailure('the sync was cancelled');
  }
}

/** How a run ended. */
export interface FinishInput extends BeginInput {
  readonly status: 'done' | 'failed';
  /** Why it failed. */
  readonly detail?: string;
}

/** Leaves the manifest; done again, it leaves the same one but for its end. Nothing where the source has no sync. */
export async function finishSync(deps: SyncDeps, input: FinishInput): Promise<void> {
  const { source, runId, workflowId, startedAt, status, detail } = input;
  const config = await deps.store.syncs.config(source);
  if (config === undefined) return;
  const run = await deps.store.syncs.run(input);
  const { counts } = await outcomeOf(deps, input);
  const streams = (run?.streams ?? []).map(shown);
  const manifest: SyncManifest = {
    ...{ runId, source, vendor: config.vendor, workflowId, startedAt, status },
    endedAt: new Date((deps.now ?? Date.now)()).toISOString(),
    ...streams.reduce<StreamCounts>(addCounts, NO_COUNTS),
    ...counts,
    ...{ streams, drift: run?.drift ?? [] },
    ...{ stream: null, detail: detail ?? null },
    ...usageOf(run),
  };
  await deps.store.syncs.putManifest(manifest);
  deps.observer.ended(source, status);
}

function usageOf(run: SyncRun | undefined): Pick<SyncManifest, 'apiUsage'> {
  return run?.apiUsage === undefined ? {} : { apiUsage: run.apiUsage };
}

function shown(stream: StreamState): SyncManifest['streams'][number] {
  const { stream: name, from, latest, done, pages, rows, repeated, deleted, malformed } = stream;
  return { stream: name, from, latest, done, pages, rows, repeated, deleted, malformed };
}

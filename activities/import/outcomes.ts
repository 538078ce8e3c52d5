import { CancelledFailure, Context } from '@temporalio/activity';
import { ROW_ERRORS_MAX, type RowError } from '../../domain/ingestion/imports.ts';
import type { ImportOutcome } from '../../storage/imports/types.ts';
import { patiently } from '../ingest/patience.ts';
import { sleep } from '../ingest/pause.ts';
import { chunkId, outcomesKey } from './chunk.ts';
import type { FinishInput, ImportCounts, ImportDeps, ImportInput, ImportPlan, SliceInput } from './types.ts';

/** Between looks at whether the pumps are through, in milliseconds. */
const LOOK_MIN_MS = 25;
const LOOK_MAX_MS = 500;

function batchIds(input: ImportInput, plan: ImportPlan, chunks: number): string[] {
  return Array.from({ length: chunks }, (_, chunk) => chunkId(input, plan, chunk));
}

function sum(outcomes: readonly (ImportOutcome | undefined)[]): ImportCounts {
  const total = { stored: 0, duplicates: 0, quarantined: 0 };
  for (const outcome of outcomes) {
    total.stored += outcome?.stored ?? 0;
    total.duplicates += outcome?.duplicates ?? 0;
    total.quarantined += outcome?.quarantined ?? 0;
  }
  return total;
}

/** Waits until every batch of the import has an outcome, or the slice's time is over. */
export async function drainSlice(
  deps: ImportDeps,
  input: SliceInput,
): Promise<{ done: boolean; counts: ImportCounts }> {
  const context = Context.current();
  const until = performance.now() + input.sliceMs;
  const ids = batchIds(input, input.plan, input.position.chunk);
  const known = new Map<string, ImportOutcome>();
  for (let wait = LOOK_MIN_MS; ; wait = Math.min(wait * 1.5, LOOK_MAX_MS)) {
    const missing = ids.filter((id) => !known.has(id));
    const found = await patiently(
      {
        signal: context.cancellationSignal,
        waiting: () => {
          context.heartbeat();
        },
      },
      () => deps.store.imports.outcomes(outcomesKey(input, input.plan), missing),
    );
    for (const [position, id] of missing.entries()) {
      const outcome = found[position];
      if (outcome !== undefined) known.set(id, outcome);
    }
    const done = known.size === ids.length;
    if (done || performance.now() >= until) return { done, counts: sum([...known.values()]) };
    context.heartbeat();
    await sleep(wait, context.cancellationSignal);
    if (context.cancellationSignal.aborted) throw new CancelledFailure('the import was cancelled');
  }
}

/** Leaves the manifest; run again, it leaves the same one. */
export async function finishImport(deps: ImportDeps, input: FinishInput): Promise<void> {
  const { plan, position, progress } = input;
  const request = await deps.store.imports.request(input.importId);
  if (request === undefined) return;
  const outcomes =
    plan === undefined || position === undefined
      ? []
      : await deps.store.imports.outcomes(outcomesKey(input, plan), batchIds(input, plan, position.chunk));
  const errors: RowError[] = [];
  for (const outcome of outcomes)
    errors.push(...(outcome?.errors ?? []).slice(0, ROW_ERRORS_MAX - errors.length));
  await deps.store.imports.putManifest({
    ...progress,
    mapping: request.mapping,
    dryRun: request.dryRun,
    requestedAt: request.requestedAt,
    fileDigest: plan?.digest ?? '',
    errors,
  });
}

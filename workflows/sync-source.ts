import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { SyncActivities } from '../activities/sync/index.ts';
import { NO_COUNTS, type SyncProgress } from '../domain/sync/types.ts';
import { DUE_ATTRIBUTE, STAGE_ATTRIBUTE } from './contract/search-attributes.ts';
import { SYNC_PROGRESS_QUERY, type SyncSourceInput } from './contract/sync-source.ts';

const progressQuery = defineQuery<SyncProgress>(SYNC_PROGRESS_QUERY);

/** After so many failures in a row the vendor is given up until the next run; the waits add up to some five minutes. */
const TROUBLES_MAX = 10;
const TROUBLE_WAIT_MS = 1_000;
const TROUBLE_WAIT_MAX_MS = 60_000;
/** A vendor that asks to be left alone is given up after a day without a page. */
const WAITED_MAX_MS = 24 * 3_600_000;
const SLICE_MS = 20_000;
const RUN_ID_CHARS = 8;

/** Tried again for as long as it takes: what throws is the store or a process, never the vendor. */
const { beginSync, stepSync, drainSync, finishSync } = proxyActivities<SyncActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

function reason(error: unknown): string {
  if (isCancellation(error)) return 'the sync was stopped; the next run goes on where it stood';
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? cause.message : 'the sync failed';
}

/** Ids of runs sort by their start. */
function newRun(): Required<SyncSourceInput>['run'] {
  const { startTime, firstExecutionRunId, typedSearchAttributes } = workflowInfo();
  const startedAt = startTime.toISOString();
  const due = typedSearchAttributes.get(DUE_ATTRIBUTE);
  return {
    runId: `${startedAt.replace(/[-:]|\.\d+/g, '')}-${firstExecutionRunId.slice(0, RUN_ID_CHARS)}`,
    startedAt,
    ...(due === undefined ? {} : { dueAt: due.toISOString() }),
    step: 0,
  };
}

type Report = (changed: Partial<SyncProgress>) => void;

/** Reads page by page; answers once everything is read, or how to go on in a run of its own. */
async function readAll(
  input: SyncSourceInput,
  run: Required<SyncSourceInput>['run'],
  report: Report,
): Promise<SyncSourceInput | undefined> {
  let { step } = run;
  let troubles = 0;
  let waitedMs = 0;
  for (;;) {
    const { tenant, source } = input;
    const outcome = await stepSync({ tenant, source, runId: run.runId, step });
    if (outcome.kind === 'read') {
      step += 1;
      troubles = 0;
      waitedMs = 0;
      report({ status: 'reading', ...outcome.counts, stream: outcome.stream });
      if (outcome.done) return undefined;
      if (workflowInfo().continueAsNewSuggested) return { tenant, source, run: { ...run, step } };
      continue;
    }
    const isTrouble = outcome.kind === 'trouble';
    const backoffMs = Math.min(TROUBLE_WAIT_MS * 2 ** troubles, TROUBLE_WAIT_MAX_MS);
    const ms = isTrouble ? backoffMs : outcome.ms;
    troubles = isTrouble ? troubles + 1 : 0;
    waitedMs += ms;
    if (troubles === TROUBLES_MAX) {
      throw ApplicationFailure.nonRetryable(`${outcome.why}, ${TROUBLES_MAX} times in a row`, 'SyncFailed');
    }
    if (waitedMs > WAITED_MAX_MS) {
      throw ApplicationFailure.nonRetryable(`${outcome.why}, for a day`, 'SyncFailed');
    }
    report({ status: 'waiting', detail: outcome.why });
    await sleep(ms, { summary: outcome.why });
  }
}

/**
 * Syncs a source once: reads what its vendor has changed since the cursor, page by page into batches, waits until the
 * pumps are through with them, and leaves a manifest. A crash resumes at the page at hand; records that were taken in already
 * are taken in once.
 */
export async function syncSource(input: SyncSourceInput): Promise<SyncProgress> {
  const { tenant, source } = input;
  let progress: SyncProgress = {
    ...{ status: 'reading', ...NO_COUNTS },
    ...{ stored: 0, duplicates: 0, quarantined: 0, stream: null, detail: null },
  };
  const report: Report = (changed) => {
    progress = { ...progress, detail: null, ...changed };
    setCurrentDetails(
      `${progress.status}: ${progress.rows} records on ${progress.pages} pages, ${progress.repeated} known; ` +
        `${progress.stored} stored, ${progress.duplicates} duplicates, ${progress.quarantined} quarantined` +
        (progress.detail === null ? '' : `; ${progress.detail}`),
    );
  };
  setHandler(progressQuery, () => progress);
  const run = input.run ?? newRun();
  const { runId, startedAt } = run;
  const { workflowId } = workflowInfo();
  const due = run.dueAt === undefined ? {} : { dueAt: run.dueAt };
  const begun = { tenant, source, runId, workflowId, startedAt, ...due };
  try {
    if (input.run === undefined) await beginSync(begun);
    const more = await readAll(input, run, report);
    if (more !== undefined) {
      await condition(allHandlersFinished);
      return await continueAsNew<typeof syncSource>(more);
    }
    report({ status: 'draining' });
    upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'draining' }]);
    for (;;) {
      const drained = await drainSync({ tenant, source, runId, sliceMs: SLICE_MS });
      report(drained.counts);
      if (drained.done) break;
    }
    await finishSync({ ...begun, status: 'done' });
    report({ status: 'done' });
  } catch (error) {
    if (error instanceof ActivityFailure || error instanceof ApplicationFailure || isCancellation(error)) {
      const detail = reason(error);
      report({ status: 'failed', detail });
      await CancellationScope.nonCancellable(() => finishSync({ ...begun, status: 'failed', detail }));
      upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'failed' }]);
      if (isCancellation(error)) throw error;
      throw ApplicationFailure.nonRetryable(detail, 'SyncFailed');
    }
    throw error;
  }
  upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'done' }]);
  return progress;
}

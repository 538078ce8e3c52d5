import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { QuarantineActivities } from '../activities/quarantine/index.ts';
import type { ReplayMappingActivities } from '../activities/replay-mapping/index.ts';
import { addReplayCounts, NO_REPLAY_COUNTS } from '../domain/mapping/replay.ts';
import {
  REPLAY_CANCEL_SIGNAL,
  REPLAY_MAPPING_PROGRESS_QUERY,
  REPLAY_PAUSE_SIGNAL,
  REPLAY_RESUME_SIGNAL,
  type ReplayMappingInput,
  type ReplayMappingProgress,
} from './contract/replay-mapping.ts';
import { STAGE_ATTRIBUTE } from './contract/search-attributes.ts';

const progressQuery = defineQuery<ReplayMappingProgress>(REPLAY_MAPPING_PROGRESS_QUERY);
const pauseSignal = defineSignal(REPLAY_PAUSE_SIGNAL);
const resumeSignal = defineSignal(REPLAY_RESUME_SIGNAL);
const cancelSignal = defineSignal(REPLAY_CANCEL_SIGNAL);

/** Rounds of judging after which what still differs is left. */
const ROUNDS_MAX = 5;
const RETRY = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' } as const;

const activities = proxyActivities<ReplayMappingActivities & QuarantineActivities>({
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '30 seconds',
  retry: RETRY,
});

function reason(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? cause.message : 'the run was stopped';
}

/** A run's state, and what changes it. */
class Run {
  progress: ReplayMappingProgress;
  isCancelled = false;

  constructor({ runId, from }: ReplayMappingInput) {
    this.progress = {
      ...{
        runId,
        status: 'planning',
        isPaused: from?.isPaused ?? false,
        ...(from?.counts ?? NO_REPLAY_COUNTS),
      },
      ...{ slices: from?.slices ?? 0, slicesDone: from?.slice ?? 0, released: 0, heldAgain: 0 },
    };
    setHandler(progressQuery, () => this.progress);
    setHandler(pauseSignal, () => {
      this.report({ isPaused: true });
    });
    setHandler(resumeSignal, () => {
      this.report({ isPaused: false });
    });
    setHandler(cancelSignal, () => {
      this.isCancelled = true;
    });
  }

  report(changed: Partial<ReplayMappingProgress>): void {
    const before = this.progress.status;
    this.progress = { ...this.progress, ...changed };
    const { status, slices, slicesDone, items, corrected, isPaused } = this.progress;
    if (status !== before) upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: status }]);
    const paused = isPaused ? '; paused' : '';
    setCurrentDetails(`${slicesDone} of ${slices} slices; ${corrected} of ${items} items corrected${paused}`);
  }

  get counts(): typeof NO_REPLAY_COUNTS {
    const { items, same, corrected, moved, refused, duplicates, skipped, left } = this.progress;
    return { items, same, corrected, moved, refused, duplicates, skipped, left };
  }

  /** Waits while paused; true where the run is to end here. */
  async isToEnd(): Promise<boolean> {
    await condition(() => !this.progress.isPaused || this.isCancelled);
    return this.isCancelled;
  }
}

/**
 * Maps a source's stored items by another version and corrects what comes out otherwise, slice by slice; judges anew who is
 * who, and releases what the version takes of what is held. Ingestion goes on meanwhile. A crash resumes at the step at
 * hand, and nothing is done twice.
 */
export async function replayMapping(input: ReplayMappingInput): Promise<ReplayMappingProgress> {
  const { tenant, source, runId } = input;
  const at = { tenant, source, runId };
  const run = new Run(input);
  const finish = async (status: 'done' | 'cancelled' | 'failed', error?: string): Promise<void> => {
    const { released, heldAgain, left } = run.progress;
    const ended = { status, released, heldAgain, left, ...(error !== undefined && { error }) };
    await CancellationScope.nonCancellable(() => activities.finishReplay({ ...at, ended }));
    run.report({ status, ...(error !== undefined && { error }) });
  };
  try {
    if (input.from === undefined) run.report({ slices: (await activities.planReplay(at)).slices });
    run.report({ status: 'replaying' });
    for (let slice = run.progress.slicesDone; slice < run.progress.slices; slice += 1) {
      if (await run.isToEnd()) break;
      if (workflowInfo().continueAsNewSuggested) {
        const { slices, isPaused } = run.progress;
        const from = { slice, slices, counts: run.counts, isPaused };
        return await continueAsNew<typeof replayMapping>({ ...at, from });
      }
      const found = await activities.replaySlice({ ...at, slice });
      run.report({ ...addReplayCounts(run.counts, found), slicesDone: slice + 1 });
    }
    await judge(run, at);
    if (!run.isCancelled) await release(run, at);
  } catch (error) {
    if (!(error instanceof ActivityFailure) && !isCancellation(error)) throw error;
    await finish(isCancellation(error) ? 'cancelled' : 'failed', reason(error));
    if (isCancellation(error)) return run.progress;
    throw ApplicationFailure.nonRetryable(reason(error), 'ReplayFailed');
  }
  await finish(run.isCancelled ? 'cancelled' : 'done');
  return run.progress;
}

type Ref = Pick<ReplayMappingInput, 'tenant' | 'source' | 'runId'>;

async function judge(run: Run, at: Ref): Promise<void> {
  if (run.progress.corrected + run.progress.refused + run.progress.duplicates === 0) return;
  run.report({ status: 'judging' });
  const { left: before } = run.progress;
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const { regions, left } = await activities.judgeRound({ ...at, round });
    run.report({ left: before + left });
    if (regions === 0) return;
  }
}

async function release(run: Run, { tenant, runId }: Ref): Promise<void> {
  run.report({ status: 'releasing' });
  for (let step = 0; ; step += 1) {
    const { released, done } = await activities.releaseStep({ tenant, runId, step });
    run.report({ released: run.progress.released + released });
    if (done) break;
  }
  if (run.progress.released === 0) return;
  run.report(await activities.releaseOutcome({ tenant, runId }));
}

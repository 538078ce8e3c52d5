import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  defineQuery,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReplayActivities } from '../activities/replay-rules/index.ts';
import type { ReplayProgress } from '../domain/identity/replay.ts';
import { REPLAY_PROGRESS_QUERY, type ReplayInput } from './contract/replay-rules.ts';
import { STAGE_ATTRIBUTE } from './contract/search-attributes.ts';

const progressQuery = defineQuery<ReplayProgress>(REPLAY_PROGRESS_QUERY);

/** Rounds after which what still differs is left: it takes more than one transaction, or is contended for ever. */
const ROUNDS_MAX = 5;
const RETRY = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' } as const;

const activities = proxyActivities<ReplayActivities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '30 seconds',
  retry: RETRY,
});

const NOTHING: NonNullable<ReplayInput['from']> = {
  round: 0,
  batch: 0,
  batches: 0,
  regions: 0,
  regionsDone: 0,
  profilesRead: 0,
};

function reason(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? cause.message : 'the run was stopped';
}

/**
 * Tries candidate rules on all history and reports (`simulate`), or makes rules the version in force and has history
 * judged by them (`promote`, and `undo` with the rules of before): round by round all profiles are compared with the
 * rules in force and what differs is judged anew, until nothing does. Ingestion goes on meanwhile.
 */
export async function replayRules(input: ReplayInput): Promise<ReplayProgress> {
  const { tenant, simulationId, step } = input;
  const at = { tenant, simulationId, step };
  let place = input.from ?? NOTHING;
  let progress: ReplayProgress = {
    ...{ simulationId, step, stage: 'reading', profilesRead: place.profilesRead },
    ...{ regions: place.regions, regionsDone: place.regionsDone, rounds: place.round },
  };
  const report = (changed: Partial<ReplayProgress>): void => {
    const before = progress.stage;
    progress = { ...progress, ...changed };
    if (progress.stage !== before) upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: progress.stage }]);
    const { profilesRead, regions, regionsDone, rounds } = progress;
    setCurrentDetails(`${profilesRead} profiles read; ${regionsDone} of ${regions} changes, round ${rounds}`);
  };
  setHandler(progressQuery, () => progress);
  /** Judges what this round found; true where the history is long enough to go on in another. */
  const apply = async (): Promise<boolean> => {
    for (; place.batch < place.batches; place = { ...place, batch: place.batch + 1 }) {
      if (workflowInfo().continueAsNewSuggested) return true;
      const { done } = await activities.rejudgeBatch({ ...at, round: place.round, batch: place.batch });
      place = { ...place, regionsDone: place.regionsDone + done };
      report({ regionsDone: place.regionsDone });
    }
    return false;
  };
  try {
    if (input.from === undefined) await activities.beginStep(at);
    if (step === 'simulate') {
      const { profiles } = await activities.simulateRules(at);
      report({ profilesRead: profiles });
    } else {
      for (;;) {
        report({ stage: 'applying' });
        if (await apply()) return await continueAsNew<typeof replayRules>({ ...at, from: place });
        if (place.round === ROUNDS_MAX) break;
        report({ stage: 'judging' });
        const round = place.round + 1;
        const plan = await activities.planRejudging({ ...at, round });
        report({ profilesRead: plan.profiles, regions: progress.regions + plan.regions, rounds: round });
        if (plan.regions === 0) break;
        place = {
          ...{ round, batch: 0, batches: plan.batches, regions: progress.regions },
          ...{ regionsDone: place.regionsDone, profilesRead: plan.profiles },
        };
      }
    }
    await activities.finishStep(at);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    report({ stage: 'failed', error: reason(error) });
    await CancellationScope.nonCancellable(() => activities.finishStep({ ...at, error: reason(error) }));
    throw ApplicationFailure.nonRetryable(reason(error), 'ReplayFailed');
  }
  report({ stage: 'done' });
  return progress;
}

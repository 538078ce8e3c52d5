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
import type { ResolutionActivities } from '../activities/resolution/index.ts';
import type { StepOutcome } from '../activities/resolution/types.ts';
import type { ResolutionProgress } from '../domain/identity/resolution.ts';
import { RESOLUTION_PROGRESS_QUERY, type ResolutionInput } from './contract/resolution.ts';
import { STAGE_ATTRIBUTE } from './contract/search-attributes.ts';

const progressQuery = defineQuery<ResolutionProgress>(RESOLUTION_PROGRESS_QUERY);

/** A step is one transaction, or a batch of joins: seconds at the most, unless the store is down. */
const activities = proxyActivities<ResolutionActivities>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' },
});

function reason(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? cause.message : 'the resolution was stopped';
}

/**
 * One step as a saga. What undoes a part of it is registered before that part begins. Before the commit point nothing is
 * visible, and a failure undoes what was prepared; after it the step only goes forward, whoever cancels.
 */
async function runStep(
  at: { tenant: string; resolutionId: string; step: number },
  enter: (stage: ResolutionProgress['stage']) => void,
): Promise<StepOutcome> {
  const undo: (() => Promise<void>)[] = [];
  let outcome: StepOutcome;
  try {
    enter('preparing');
    undo.push(() => activities.releaseResolution(at));
    await activities.prepareResolution(at);
    enter('committing');
    outcome = await activities.commitResolution(at);
  } catch (error) {
    await CancellationScope.nonCancellable(async () => {
      for (const step of undo.reverse()) await step();
    });
    throw error;
  }
  if (outcome.refusal !== undefined) {
    await CancellationScope.nonCancellable(() => activities.releaseResolution(at));
    return outcome;
  }
  await CancellationScope.nonCancellable(async () => {
    enter('repointing');
    await activities.repointResolution(at);
    enter('correcting');
    await activities.correctResolution(at);
  });
  return outcome;
}

/**
 * Carries out a decision on who is who, or a batch of joins: decides and commits step by step, and keeps how it ended.
 * A crash at any moment leaves each step either done or not begun for whoever reads.
 */
export async function resolution(input: ResolutionInput): Promise<ResolutionProgress> {
  const { tenant, resolutionId, from = { step: 0, minted: 0, mergedAway: 0 } } = input;
  let progress: ResolutionProgress = {
    ...{ resolutionId, stage: 'opening', steps: 0, done: from.step },
    ...{ minted: from.minted, mergedAway: from.mergedAway, profiles: [] },
  };
  const report = (changed: Partial<ResolutionProgress>): void => {
    progress = { ...progress, ...changed };
    const { done, steps, minted, mergedAway } = progress;
    setCurrentDetails(`${done} of ${steps} steps; ${minted} profiles made, ${mergedAway} merged away`);
  };
  setHandler(progressQuery, () => progress);
  const close = async (ended: 'done' | 'refused' | 'failed', error?: string): Promise<void> => {
    const { minted, mergedAway, refusal } = progress;
    const told = { ...(refusal === undefined ? {} : { refusal }), ...(error === undefined ? {} : { error }) };
    const { profiles } = await CancellationScope.nonCancellable(() =>
      activities.closeResolution({
        ...{ tenant, resolutionId },
        ended: { status: ended, minted, mergedAway, ...told },
      }),
    );
    report({ stage: ended, profiles });
    upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: ended }]);
  };
  try {
    const { kind, steps } = await activities.openResolution({ tenant, resolutionId });
    report({ kind, steps });
    for (let step = from.step; step < steps; step++) {
      const { minted, mergedAway } = progress;
      if (step > from.step && workflowInfo().continueAsNewSuggested)
        await continueAsNew<typeof resolution>({ tenant, resolutionId, from: { step, minted, mergedAway } });
      const outcome = await runStep({ tenant, resolutionId, step }, (stage) => {
        report({ stage });
      });
      report({
        done: step + 1,
        minted: minted + outcome.minted,
        mergedAway: mergedAway + outcome.mergedAway,
        ...(outcome.refusal === undefined ? {} : { refusal: outcome.refusal }),
      });
    }
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    await close('failed', reason(error));
    throw ApplicationFailure.nonRetryable(reason(error), 'ResolutionFailed');
  }
  await close(progress.refusal === undefined ? 'done' : 'refused');
  return progress;
}

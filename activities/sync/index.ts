import { Context } from '@temporalio/activity';
import type { SyncOutcome } from '../../domain/sync/types.ts';
import {
  beginSync,
  drainSync,
  finishSync,
  type BeginInput,
  type DrainInput,
  type FinishInput,
} from './run.ts';
import { stepSync, type StepInput, type SyncStep } from './step.ts';
import type { SyncDeps } from './types.ts';

const BEAT_MS = 2_000;

/** The activities of scheduled syncs. Inputs and results hold ids and counts, and nothing of any record. */
export interface SyncActivities {
  beginSync(input: BeginInput): Promise<void>;
  stepSync(input: StepInput): Promise<SyncStep>;
  drainSync(input: DrainInput): Promise<{ done: boolean; counts: SyncOutcome }>;
  finishSync(input: FinishInput): Promise<void>;
}

/** Heartbeats while a step runs: a vendor may take a minute to answer. */
async function beating<T>(step: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => {
    context.heartbeat();
  }, BEAT_MS);
  try {
    return await step();
  } finally {
    clearInterval(beat);
  }
}

/** Closes the activities over what they work with. */
export function createSyncActivities(deps: SyncDeps): SyncActivities {
  return {
    beginSync: (input) => beating(() => beginSync(deps, input)),
    stepSync: (input) => beating(() => stepSync(deps, input)),
    drainSync: (input) => drainSync(deps, input),
    finishSync: (input) => beating(() => finishSync(deps, input)),
  };
}

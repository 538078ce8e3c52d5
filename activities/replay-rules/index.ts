import { planRejudging, rejudgeBatch } from './rejudge.ts';
import { beginStep, finishStep, simulateRules } from './steps.ts';
import type { BatchInput, FinishStepInput, ReplayDeps, RoundInput, RoundPlan, StepInput } from './types.ts';

/** Activities of the `replayRules` workflow. Their names are a wire contract. */
export interface ReplayActivities {
  beginStep(input: StepInput): Promise<void>;
  simulateRules(input: StepInput): Promise<{ profiles: number }>;
  planRejudging(input: RoundInput): Promise<RoundPlan>;
  rejudgeBatch(input: BatchInput): Promise<{ done: number; left: number }>;
  finishStep(input: FinishStepInput): Promise<void>;
}

/** Closes the activities over what they work with. */
export function createRuleReplayActivities(deps: ReplayDeps): ReplayActivities {
  return {
    beginStep: (input) => beginStep(deps, input),
    simulateRules: (input) => simulateRules(deps, input),
    planRejudging: (input) => planRejudging(deps, input),
    rejudgeBatch: (input) => rejudgeBatch(deps, input),
    finishStep: (input) => finishStep(deps, input),
  };
}

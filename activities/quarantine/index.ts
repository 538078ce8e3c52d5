import type { TenantStore } from '../../storage/tenant.types.ts';
import { releaseStepOf, type ReleaseStepInput, type ReleaseStepResult } from './release-step.ts';
import { releaseOutcomeOf, type ReleaseRunInput } from './release-outcome.ts';

/** What releases work with. */
export interface QuarantineDeps {
  readonly store: TenantStore;
  /** Wakes the pump of a lane that has none. */
  readonly wake: (source: string, lane: number) => Promise<void>;
}

/** Activities of the `releaseQuarantine` workflow. Their names are a wire contract. */
export interface QuarantineActivities {
  releaseStep(input: ReleaseStepInput): Promise<ReleaseStepResult>;
  releaseOutcome(input: ReleaseRunInput): Promise<{ heldAgain: number }>;
}

/** Closes the activities over what they work with. */
export function createQuarantineActivities(deps: QuarantineDeps): QuarantineActivities {
  return {
    releaseStep: (input) => releaseStepOf(deps, input),
    releaseOutcome: (input) => releaseOutcomeOf(deps, input),
  };
}

import type { ReplayStep } from '../../domain/identity/replay.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';

/** What replays work with. */
export interface ReplayDeps {
  readonly store: TenantStore;
  /** Milliseconds until every process judges by rules that were made the version in force; longer than a read is cached. */
  readonly settleMs: number;
}

/** Which run, and what is done with its rules; the rules themselves are kept under the id. */
export interface StepInput {
  readonly tenant: string;
  readonly simulationId: string;
  readonly step: ReplayStep;
}

/** One comparison of all profiles with the rules in force. */
export interface RoundInput extends StepInput {
  readonly round: number;
}

/** What a round found to do. */
export interface RoundPlan {
  readonly profiles: number;
  readonly regions: number;
  readonly batches: number;
}

/** One batch of a round's work. */
export interface BatchInput extends RoundInput {
  readonly batch: number;
}

/** How a step ended. */
export interface FinishStepInput extends StepInput {
  readonly error?: string;
}

import type { RulingRefusal } from '../../domain/identity/decide.ts';
import type { ResolutionTask } from '../../domain/identity/resolution.ts';
import type { ProfileId } from '../../domain/identity/identifier.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';

/** Which resolution; what was asked is kept in the store under the id. */
export interface ResolutionRef {
  readonly tenant: string;
  readonly resolutionId: string;
}

/** One step of a resolution, from 0. */
export interface ResolutionStep extends ResolutionRef {
  readonly step: number;
}

/** What is to be done. */
export interface ResolutionPlan {
  readonly kind: ResolutionTask['kind'];
  readonly steps: number;
}

/** What committing a step did. */
export interface StepOutcome {
  readonly minted: number;
  readonly mergedAway: number;
  readonly refusal?: RulingRefusal;
}

/** What follows from who is who having changed: told of each step once it is committed, again after a crash. */
export interface Correction {
  readonly resolutionId: string;
  readonly kind: ResolutionTask['kind'];
  /** Profiles that the step's identifiers are in now. */
  readonly profiles: readonly ProfileId[];
}

/** What resolutions work with. */
export interface ResolutionDeps {
  readonly store: Pick<TenantStore, 'directory' | 'resolutions' | 'batches'>;
  /** Who follows profiles (segments, destinations), in the order they are told. Each must take being told twice. */
  readonly followers: readonly ((correction: Correction) => Promise<void>)[];
}

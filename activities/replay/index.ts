import type { TenantStore } from '../../storage/tenant.types.ts';
import { rehearseSliceOf, type RehearseInput, type RehearseResult } from './rehearse.ts';

/** What replays work with. */
export interface ReplayDeps {
  readonly store: TenantStore;
}

/** Activities of the `rehearseMapping` workflow. Their names are a wire contract. */
export interface ReplayActivities {
  rehearseSlice(input: RehearseInput): Promise<RehearseResult>;
}

/** Closes the activities over what they work with. */
export function createReplayActivities(deps: ReplayDeps): ReplayActivities {
  return { rehearseSlice: (input) => rehearseSliceOf(deps, input) };
}

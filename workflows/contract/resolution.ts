export type {
  ResolutionOutcome,
  ResolutionProgress,
  ResolutionRequest,
  ResolutionTask,
} from '../../domain/identity/resolution.ts';

/** The wire contract of the `resolution` workflow. Plain values, safe for every client. */
export const RESOLUTION_WORKFLOW = 'resolution';

/** `resolution/<tenant>/<resolutionId>`; the id is opaque. */
export function resolutionWorkflowId(tenant: string, resolutionId: string): string {
  return `resolution/${tenant}/${resolutionId}`;
}

/** What is to be resolved is stored under the id and not in the history. */
export interface ResolutionInput {
  readonly tenant: string;
  readonly resolutionId: string;
  /** Where a run before this one stopped; carried through continue-as-new. */
  readonly from?: { readonly step: number; readonly minted: number; readonly mergedAway: number };
}

/** Query: `ResolutionProgress`, which is also the result. */
export const RESOLUTION_PROGRESS_QUERY = 'progress';

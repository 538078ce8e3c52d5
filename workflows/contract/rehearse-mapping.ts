/** The wire contract of the `rehearseMapping` workflow. Plain values, safe for every client. */
export const REHEARSE_MAPPING_WORKFLOW = 'rehearseMapping';

/** `replay/<tenant>/<source>/<runId>`; the run id is opaque and random. */
export function rehearsalWorkflowId(tenant: string, source: string, runId: string): string {
  return `replay/${tenant}/${source}/${runId}`;
}

/** Which mapping to try on the raw items of a source. What it finds is kept in the store under the run's id. */
export interface RehearseMappingInput {
  readonly tenant: string;
  readonly source: string;
  readonly runId: string;
  /** `name@version` to compare with, and to try. */
  readonly before: string;
  readonly after: string;
  /** When items were received, `receivedFrom` inclusive, `receivedTo` exclusive. ISO 8601 UTC. */
  readonly receivedFrom?: string;
  readonly receivedTo?: string;
  /** Carried through continue-as-new. */
  readonly from?: {
    readonly slice: number;
    readonly cursor: string;
    readonly items: number;
    readonly batches: number;
  };
}

/** What the `progress` query answers. */
export interface RehearsalProgress {
  readonly status: 'reading' | 'done';
  readonly items: number;
  readonly batches: number;
}

/** Query: `RehearsalProgress`. */
export const REHEARSAL_PROGRESS_QUERY = 'progress';

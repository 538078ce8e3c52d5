export type { SyncManifest, SyncProgress } from '../../domain/sync/types.ts';

/** The wire contract of the `syncSource` workflow. Plain values, safe for every client. */
export const SYNC_SOURCE_WORKFLOW = 'syncSource';

/** `sync/<tenant>/<source>`; a schedule adds the time that a run was due. */
export function syncWorkflowId(tenant: string, source: string): string {
  return `sync/${tenant}/${source}`;
}

/** How the source is read, its cursor and its credentials are in the store, and not in the history. */
export interface SyncSourceInput {
  readonly tenant: string;
  readonly source: string;
  /** Carried on when the run continues as new. */
  readonly run?: {
    readonly runId: string;
    readonly startedAt: string;
    readonly dueAt?: string;
    /** Steps that are through. */
    readonly step: number;
  };
}

/** Query: `SyncProgress`. */
export const SYNC_PROGRESS_QUERY = 'progress';

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
}

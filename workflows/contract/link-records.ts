export type { LinkProgress, LinkStage } from '../../domain/link-records/run.ts';

/** The wire contract of the `linkRecords` workflow. Plain values, safe for every client. */
export const LINK_RECORDS_WORKFLOW = 'linkRecords';

/** Of the activities that run the engine: one at a time a worker, for each may take gigabytes of memory. */
export const LINKAGE_QUEUE = 'tessera-linkage';

/** `link/<tenant>/<runId>`; run ids are opaque. */
export function linkWorkflowId(tenant: string, runId: string): string {
  return `link/${tenant}/${runId}`;
}

/** Sources and thresholds are kept under the run's id and not in the history. */
export interface LinkRecordsInput {
  readonly tenant: string;
  readonly runId: string;
}

/** Query: `LinkProgress`. */
export const LINK_PROGRESS_QUERY = 'progress';

/** The wire contract of the `releaseQuarantine` workflow. Plain values, safe for every client. */
export const RELEASE_QUARANTINE_WORKFLOW = 'releaseQuarantine';

/** `release/<tenant>/<runId>`; the run id is opaque and random. */
export function releaseWorkflowId(tenant: string, runId: string): string {
  return `release/${tenant}/${runId}`;
}

/** Which release; what was asked is kept in the store under the run's id, and not in the history. */
export interface ReleaseQuarantineInput {
  readonly tenant: string;
  readonly runId: string;
  /** Carried through continue-as-new. */
  readonly from?: ReleasePosition;
}

/** How far a release is. */
export interface ReleasePosition {
  readonly step: number;
  readonly released: number;
  readonly gone: number;
  /** Absent where there are none. */
  readonly tooDeep?: number;
}

/** What the `progress` query answers. */
export interface ReleaseProgress {
  readonly status: 'releasing' | 'draining' | 'done';
  /** Entries sent through the normal way again. */
  readonly released: number;
  /** Entries whose original is gone: nothing could be sent. */
  readonly gone: number;
  /** Entries that stay held, for they are nested too deeply to be sent. */
  readonly tooDeep: number;
  /** Released items that are in quarantine again; known at the end. */
  readonly heldAgain: number;
}

/** Query: `ReleaseProgress`. */
export const RELEASE_PROGRESS_QUERY = 'progress';

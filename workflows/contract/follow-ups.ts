/** The wire contract of the `followUps` workflow: fetches what webhooks brought a reference of alone. */
export const FOLLOW_UPS_WORKFLOW = 'followUps';

/** `follow-up/<tenant>/<source>`. */
export function followUpsWorkflowId(tenant: string, source: string): string {
  return `follow-up/${tenant}/${source}`;
}

/** What is to be fetched is in the store, and not in the history. */
export interface FollowUpsInput {
  readonly tenant: string;
  readonly source: string;
  /** Carried on when the run continues as new. */
  readonly totals?: FollowUpsProgress;
}

/** What the run has done. */
export interface FollowUpsProgress {
  readonly fetched: number;
  /** Records that the vendor has no more, or does not give: in quarantine, each with the reason. */
  readonly refused: number;
}

/** Signal without arguments: there is more to fetch. */
export const FOLLOW_UPS_SIGNAL = 'more';
/** Query: `FollowUpsProgress`. */
export const FOLLOW_UPS_QUERY = 'progress';

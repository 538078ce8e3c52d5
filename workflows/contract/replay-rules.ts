import type { ReplayStep } from '../../domain/identity/replay.ts';

export type { ReplayProgress, ReplayStep } from '../../domain/identity/replay.ts';

/** The wire contract of the `replayRules` workflow. Plain values, safe for every client. */
export const REPLAY_RULES_WORKFLOW = 'replayRules';

/** `replay-rules/<tenant>/<simulationId>/<step>`; the simulation's id is opaque. */
export function replayWorkflowId(tenant: string, simulationId: string, step: ReplayStep): string {
  return `replay-rules/${tenant}/${simulationId}/${step}`;
}

/** The rules are stored under the id and not in the history. */
export interface ReplayInput {
  readonly tenant: string;
  readonly simulationId: string;
  readonly step: ReplayStep;
  /** Where a run before this one stopped; carried through continue-as-new. */
  readonly from?: {
    readonly round: number;
    readonly batch: number;
    readonly batches: number;
    readonly regions: number;
    readonly regionsDone: number;
    readonly profilesRead: number;
  };
}

/** Query: `ReplayProgress`, which is also the result. */
export const REPLAY_PROGRESS_QUERY = 'progress';

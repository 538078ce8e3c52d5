import type { MappingReplayCounts } from '../../domain/mapping/replay.ts';

/** The wire contract of the `replayMapping` workflow. Plain values, safe for every client. */
export const REPLAY_MAPPING_WORKFLOW = 'replayMapping';

/** `replay/<tenant>/<source>`: one run a source at a time, for each looks at what the other corrects. */
export function replayMappingWorkflowId(tenant: string, source: string): string {
  return `replay/${tenant}/${source}`;
}

/** Which run; what was asked is kept in the store under the run's id, and not in the history. */
export interface ReplayMappingInput {
  readonly tenant: string;
  readonly source: string;
  readonly runId: string;
  /** Carried through continue-as-new. */
  readonly from?: {
    readonly slice: number;
    readonly slices: number;
    readonly counts: MappingReplayCounts;
    readonly isPaused: boolean;
  };
}

/** What the `progress` query answers; counts are in items. */
export interface ReplayMappingProgress extends MappingReplayCounts {
  readonly runId: string;
  readonly status: 'planning' | 'replaying' | 'judging' | 'releasing' | 'done' | 'cancelled' | 'failed';
  readonly isPaused: boolean;
  readonly slices: number;
  readonly slicesDone: number;
  readonly released: number;
  readonly heldAgain: number;
  readonly error?: string;
}

/** Query: `ReplayMappingProgress`. */
export const REPLAY_MAPPING_PROGRESS_QUERY = 'progress';
/** Signals without input. A pause holds before the next slice; a cancelled run leaves what it corrected. */
export const REPLAY_PAUSE_SIGNAL = 'pause';
export const REPLAY_RESUME_SIGNAL = 'resume';
export const REPLAY_CANCEL_SIGNAL = 'cancel';

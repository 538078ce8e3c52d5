import type { LaneBound } from '../../domain/ingestion/raw.ts';

/** The wire contract of the `ingestion` workflow: names, inputs and answers. Plain values, safe for every client. */
export const INGESTION_WORKFLOW = 'ingestion';
export const INGESTION_QUEUE = 'tessera';
export const INGESTION_PUMP_QUEUE = 'tessera-pumps';

/** One per source: `ingestion/<tenant>/<source>`. */
export function ingestionWorkflowId(tenant: string, source: string): string {
  return `ingestion/${tenant}/${source}`;
}

export interface IngestionInput {
  readonly tenant: string;
  readonly source: string;
  readonly paused?: boolean;
  /** Lanes to pump first; carried through continue-as-new. */
  readonly wake?: readonly number[];
  readonly drained?: IngestionTotals;
}

export interface IngestionTotals {
  readonly batches: number;
  readonly items: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
}

export interface IngestionProgress {
  readonly paused: boolean;
  /** Lanes with a pump running now. */
  readonly pumping: readonly number[];
  readonly totals: IngestionTotals;
}

/** Signal: `{lane}` has a pending batch and no pump. Updates: pause, resume, drain. Query: progress. */
export const WAKE_SIGNAL = 'wake';
export const PAUSE_UPDATE = 'pause';
export const RESUME_UPDATE = 'resume';
/** Answers once all that was pending when it came is through; pumps go on afterwards as before. */
export const DRAIN_UPDATE = 'drain';
/** The type of the failure that a drain of a paused source ends in. */
export const PAUSED = 'Paused';
export const PROGRESS_QUERY = 'progress';

/** How far to drain: what an earlier answer says, or else what is pending now. */
export interface DrainInput {
  readonly bounds?: readonly LaneBound[];
}

export interface DrainAnswer extends IngestionProgress {
  /** Set where the run was continued as new before the drain was through: what to ask of the next one. */
  readonly next?: DrainInput;
}

export interface WakeInput {
  readonly lane: number;
}

/** Least probability, over all pairs between them, at which clusters are joined; where the request names no other. */
export const THRESHOLD_LINK_DEFAULT = 0.5;
/** Least probability at which a pair that was not joined is put up for review. */
export const THRESHOLD_REVIEW_DEFAULT = 0.2;

/** `incremental` looks at records that are new or changed since the last run of the same scope, under its model. */
export type LinkMode = 'full' | 'incremental';

/** Which records: those of a type of identifier (a fragment each) that these sources sent. */
export interface LinkScope {
  /** Sorted, no repeats. */
  readonly sources: readonly string[];
  readonly recordType: string;
}

/** What was asked of a run; kept under its id. */
export interface LinkRequest extends LinkScope {
  readonly runId: string;
  readonly mode: LinkMode;
  /** Computes and reports everything, links nothing. */
  readonly dryRun: boolean;
  /** Probabilities. */
  readonly thresholdLink: number;
  readonly thresholdReview: number;
  /** Version of a saved model to use instead of training one. */
  readonly model?: string;
  /** ISO 8601 UTC. */
  readonly requestedAt: string;
  readonly requestedBy: string;
}

/** Where a run is. */
export type LinkStage =
  'listing' | 'reading' | 'computing' | 'linking' | 'reviewing' | 'indexing' | 'done' | 'failed';

/** Counts of a run, all that its history holds besides ids. */
export interface LinkCounts {
  /** Fragments of the record type. */
  readonly fragments: number;
  /** Of them, records that the sources sent. */
  readonly records: number;
  /** Candidate pairs that were scored. */
  readonly pairs: number;
  readonly clusters: number;
  /** Pairs to be written as evidence, and those written so far. */
  readonly links: number;
  readonly linked: number;
  /** Pairs put up for review. */
  readonly reviews: number;
}

/** What the `progress` query and the status URL answer. */
export interface LinkProgress extends LinkCounts {
  readonly runId: string;
  readonly sources: readonly string[];
  readonly dryRun: boolean;
  readonly stage: LinkStage;
  /** Version of the model in use, once there is one. */
  readonly model?: string;
  /** Why a run failed or was refused: a stable code, and a sentence that says what to do. No values of records. */
  readonly problem?: LinkProblem;
}

export interface LinkProblem {
  readonly code: string;
  readonly detail: string;
}

export const NOTHING_COUNTED: LinkCounts = {
  fragments: 0,
  records: 0,
  pairs: 0,
  clusters: 0,
  links: 0,
  linked: 0,
  reviews: 0,
};

/** A scope's name: its type and its sources. Names of sources hold no commas. */
export function scopeName(scope: LinkScope): string {
  return `${scope.recordType}/${scope.sources.join(',')}`;
}

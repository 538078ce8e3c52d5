import type { LinkProblem, LinkProgress, LinkRequest } from '../../domain/link-records/run.ts';
import type { LinkReport } from '../../domain/link-records/report.ts';
import type { PersonFields } from '../../domain/link-records/person.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { StorageConfig } from '../../storage/open.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';

/** What linking works with. `storage` is how a process of its own opens the same tenant. */
export interface LinkDeps {
  readonly store: TenantStore;
  readonly storage: StorageConfig;
}

/** Which run; what was asked is kept in the store under the id. */
export interface LinkInput {
  readonly tenant: string;
  readonly runId: string;
}

/** What a run is, as far as its workflow must know. */
export type LinkPlan = Pick<LinkRequest, 'runId' | 'sources' | 'dryRun'>;

/** Records by part, as they were read. */
export interface ReadResult {
  readonly fragments: number;
  readonly records: number;
  readonly parts: number;
}

/** What the engine made of the records. */
export interface ComputeResult {
  /** The records were compared as known at this moment, ISO 8601 UTC. */
  readonly comparedAt: string;
  readonly pairs: number;
  readonly clusters: number;
  readonly links: number;
  readonly reviews: number;
  readonly linkParts: number;
  readonly reviewParts: number;
  readonly model?: string;
  /** The blind index that an incremental run adds to; a full run makes one of its own name. */
  readonly index?: string;
  /** Set where nothing is to be linked. */
  readonly refused?: LinkProblem;
}

/** What is kept of it between the steps: with the report, which is the store's and not the history's. */
export interface KeptResult extends ComputeResult {
  readonly report?: LinkReport;
}

/** How far a run's links or reviews are written. */
export interface WritePosition {
  readonly part: number;
  readonly written: number;
  readonly done: boolean;
}

export interface WriteInput extends LinkInput {
  readonly parts: number;
  readonly position: WritePosition;
  /** A most of milliseconds that the slice may take. */
  readonly sliceMs: number;
}

export interface FinishInput extends LinkInput {
  readonly progress: LinkProgress;
}

/** One record of a part: short names, for there may be millions. */
export interface WorkRecord {
  readonly f: FragmentId;
  /** The source that sent it last. */
  readonly s: string;
  /** How many commits its stream had. */
  readonly v: number;
  readonly p: PersonFields;
}

/** One scored pair of a part: fragments, weight, probability. */
export type WorkPair = readonly [a: FragmentId, b: FragmentId, weight: number, probability: number];

/** What was learnt while the records were listed: pairs that rulings and events decide already. */
export interface Listing {
  /** Records are read as they were known at this moment, ISO 8601 UTC, so that what was compared can be shown later. */
  readonly knownAt: string;
  readonly fragments: number;
  readonly parts: number;
  readonly must: readonly (readonly [FragmentId, FragmentId])[];
  readonly cannot: readonly (readonly [FragmentId, FragmentId])[];
}

/** The parts of the kind `result`. */
export const LISTING_PART = 0;
export const READ_PART = 1;
export const COMPUTE_PART = 2;

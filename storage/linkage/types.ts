import type { GraphNode } from '../../domain/identity/evidence.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { Review, ReviewDecision, ReviewState } from '../../domain/link-records/review.ts';
import type { LinkProgress, LinkRequest, LinkScope } from '../../domain/link-records/run.ts';
import type { LinkReport } from '../../domain/link-records/report.ts';
import type { LinkageModel } from '../../domain/linkage/types.ts';
import type { Page, PageOptions } from '../intake/types.ts';

/** Two records and what a model says of them. */
export interface ScoredPair {
  readonly a: GraphNode;
  readonly b: GraphNode;
  /** Log2 of the odds that they are the same person. */
  readonly weight: number;
  readonly probability: number;
}

/** A run as kept: what was asked, and what came of it once it is over. */
export interface LinkRun {
  readonly request: LinkRequest;
  readonly progress?: LinkProgress;
  readonly finishedAt?: string;
  readonly report?: LinkReport;
}

/** What a scope uses now: for the online match, and for incremental runs to go on from. */
export interface CurrentScope {
  readonly scope: LinkScope;
  readonly runId: string;
  readonly model: string;
  /** The blind index that holds the scope's records. */
  readonly index: string;
  readonly updatedAt: string;
}

/** Runs and scopes. */
export interface RunStore {
  /** Keeps a request; one that is there already under the id stays. */
  putRequest(request: LinkRequest): Promise<void>;
  request(runId: string): Promise<LinkRequest | undefined>;
  putOutcome(progress: LinkProgress, rest: Pick<LinkRun, 'finishedAt' | 'report'>): Promise<void>;
  run(runId: string): Promise<LinkRun | undefined>;
  /** Newest first. Throws `InvalidCursor`. */
  list(options?: PageOptions): Promise<Page<LinkRun>>;
  current(scope: LinkScope): Promise<CurrentScope | undefined>;
  scopes(): Promise<CurrentScope[]>;
  setCurrent(current: CurrentScope): Promise<void>;
}

/** Pairs for people to decide. */
export interface ReviewStore {
  get(id: string): Promise<Review | undefined>;
  /**
   * Puts pairs up. One that is up gets the newer score, one that was decided stays decided. Idempotent by run; answers
   * how many of the pairs are open.
   */
  offer(pairs: readonly ScoredPair[], from: Pick<Review, 'model' | 'runId' | 'comparedAt'>): Promise<number>;
  /** Adds a decision, which stands until the next one. Undefined where there is no such review. */
  decide(id: string, decision: ReviewDecision): Promise<Review | undefined>;
  /** The likeliest first. Throws `InvalidCursor`. */
  list(state: ReviewState, options?: PageOptions): Promise<Page<Review>>;
}

/** A model as kept. */
export interface KeptModel {
  /** The run that trained it. */
  readonly version: string;
  readonly scope: LinkScope;
  readonly trainedAt: string;
  readonly model: LinkageModel;
}

/** Trained models, immutable, by version. */
export interface ModelStore {
  /** A model that is there under the version stays. */
  put(kept: KeptModel): Promise<void>;
  get(version: string): Promise<KeptModel | undefined>;
}

/** Kinds of what a run puts aside between its steps. */
export type WorkKind = 'fragments' | 'records' | 'links' | 'reviews' | 'result';

/** What a run puts aside between its steps, sealed, by kind and number; removed when it is over. */
export interface Workspace {
  put(runId: string, kind: WorkKind, part: number, value: unknown): Promise<void>;
  get<T>(runId: string, kind: WorkKind, part: number): Promise<T | undefined>;
  has(runId: string, kind: WorkKind, part: number): Promise<boolean>;
  remove(runId: string): Promise<void>;
}

/** A record in a blind index: a fragment and how far its stream had got when it was read. */
export interface IndexedRecord {
  readonly fragment: FragmentId;
  readonly version: number;
}

/** Blocking keys of one record, as text; they are stored as keyed hashes alone. */
export interface RecordKeys extends IndexedRecord {
  readonly keys: readonly string[];
}

/**
 * Which records share a blocking key: keyed hashes and fragments, so that it tells nothing of anybody and need not be
 * rewritten when a person is erased. Records themselves are read from the log.
 */
export interface BlindIndex {
  /** Writes an index as a whole; run again, it leaves the same. `beat` is called now and then. */
  build(index: string, records: AsyncIterable<readonly RecordKeys[]>, beat: () => void): Promise<number>;
  /** Adds records, or replaces what the index has of them. */
  upsert(index: string, records: readonly RecordKeys[]): Promise<void>;
  /** Fragments by each key. */
  lookup(index: string, keys: readonly string[]): Promise<FragmentId[][]>;
  /** Versions by fragment, of all records of the index. */
  versions(index: string): Promise<Map<FragmentId, number>>;
  remove(index: string): Promise<void>;
}

/** Everything that linking records keeps. */
export interface LinkageStore {
  readonly runs: RunStore;
  readonly reviews: ReviewStore;
  readonly models: ModelStore;
  readonly work: Workspace;
  readonly index: BlindIndex;
}

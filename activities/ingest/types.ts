import type { CanonicalEvent } from '../../domain/ingestion/event.ts';
import type { BatchHeader, RawItem } from '../../domain/ingestion/raw.ts';
import type { BatchOutcome, QuarantineReason } from '../../storage/intake/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import type { PlanMode } from '../../domain/tracking/types.ts';
import type { KnownEvidence } from './evidence.ts';
import type { ItemJudgement } from './keep-to-plan.ts';
import type { Novelty } from './novelty.ts';
import type { Quality } from './quality.ts';
import type { KnownSpreads } from './spreads.ts';

/** What the pump tells whoever counts; never awaited. */
export interface IngestObserver {
  /** A unit is done; `waitedMs` is the age of its oldest batch when it was taken up. */
  unit(source: string, outcomes: readonly BatchOutcome[], tookMs: number, waitedMs: number): void;
  /** The store can't answer now; `code` of the error. */
  waiting(source: string, code: string): void;
  /** An item went to quarantine because it could not be processed; the error is for the log of the worker. */
  poison(source: string, batchId: string, index: number, error: unknown): void;
  /** An item broke the tracking plan of its source, in `count` ways. */
  violations(source: string, mode: PlanMode, count: number): void;
}

/** What ingestion works with. */
export interface IngestDeps {
  readonly store: TenantStore;
  readonly observer: IngestObserver;
  /** Milliseconds between looks for new batches on a lane that has none. */
  readonly pollMs: number;
}

/** What the pumps of a process share. */
export interface IngestContext extends IngestDeps {
  readonly known: KnownEvidence;
  readonly novelty: Pick<Novelty, 'take' | 'seen'>;
  readonly quality: Quality;
  readonly spreads: KnownSpreads;
}

/** One raw item on its way, with what its mapping made of it. */
export interface UnitItem {
  readonly header: BatchHeader;
  readonly index: number;
  readonly item: RawItem;
  /** Empty where the item is refused, or where its mapping makes nothing of it. */
  readonly events: readonly CanonicalEvent[];
  /** Keyed digest of the content; empty where there is no event. */
  readonly digest: string;
  /** Set where its mapping takes the fields that it names, and not the whole of a message. */
  readonly isPartlyMapped?: boolean;
  /** Set where the item can't go on, whatever the store holds. */
  readonly refused?: QuarantineReason;
  /** Set where its events break the tracking plan of their source. */
  readonly judged?: ItemJudgement;
}

/** Batches of one lane that are processed together, oldest first. */
export interface Unit {
  readonly headers: readonly BatchHeader[];
  readonly items: readonly UnitItem[];
}

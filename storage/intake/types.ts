import type { BatchHeader, RawItem } from '../../domain/ingestion/raw.ts';

/** What became of a batch's items, and what of the whole it made. `stored + duplicates + quarantined = items`. */
export interface BatchOutcome {
  readonly header: BatchHeader;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** Canonical events stored; an item may make several or none. */
  readonly events: number;
  /** Fragments whose first commit is this batch's. */
  readonly fragments: number;
  /** Profiles minted less profiles merged away by this batch. */
  readonly profiles: number;
}

/** Items by outcome; `received = stored + duplicates + quarantined + pending`, exactly. */
export interface SourceCounts {
  readonly received: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly pending: number;
}

/** Totals of a tenant. */
export interface TenantCounts {
  readonly profiles: number;
  readonly fragments: number;
  readonly events: number;
  readonly sources: Record<string, SourceCounts>;
}

/** A duplicate that was dropped: where it was, and where the first of it is. */
export interface DuplicateEntry {
  readonly source: string;
  readonly messageId: string;
  readonly batchId: string;
  readonly index: number;
  readonly receivedAt: string;
  readonly first: { readonly batchId: string; readonly index: number };
}

/** Whether a lane's pump is running, so that whoever adds a batch knows if it must wake one. */
export type LaneStatus = 'idle' | 'pumping';

/**
 * The batch store: raw items, durable before the call returns, and the list of batches not yet drained.
 * The bytes of a batch are encrypted under the tenant's intake key.
 */
export interface BatchStore {
  /**
   * Writes one batch (`lines`: one JSON `RawItem` each) and announces it as pending; answers once both are durable.
   * `needsWake` says that no pump was running on the lane after the announcement.
   */
  append(
    header: Omit<BatchHeader, 'batchId'> & { readonly batchId?: string },
    lines: readonly string[],
  ): Promise<{ header: BatchHeader; needsWake: boolean }>;
  read(header: BatchHeader): Promise<RawItem[]>;
  /** One raw item, for quarantine and "show me the record this event came from". */
  readItem(source: string, lane: number, batchId: string, index: number): Promise<RawItem | undefined>;
  /** Oldest first. */
  pending(source: string, lane: number, limit: number): Promise<BatchHeader[]>;
  /** Lanes that have pending batches. */
  pendingLanes(): Promise<{ source: string; lane: number; batches: number; items: number }[]>;
  /** Removes the pending entries and adds the counts, in one transaction; a batch completed already changes nothing. */
  complete(outcomes: readonly BatchOutcome[]): Promise<void>;
  setLane(source: string, lane: number, status: LaneStatus): Promise<void>;
  counts(): Promise<TenantCounts>;
  addDuplicates(entries: readonly DuplicateEntry[]): Promise<void>;
  /** Newest first. */
  duplicates(source: string, options?: PageOptions): Promise<Page<DuplicateEntry>>;
}

/** A page of a list; `cursor` is base64url and opaque, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor: string | null;
}

/** How much of a list, from where. */
export interface PageOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

/** Why an item could not go on. Codes are stable and kebab-case. */
export interface QuarantineReason {
  readonly code: string;
  /** What is wrong and what to change; names fields, holds no values. */
  readonly detail: string;
}

/** An item in quarantine: where it came from and what became of it; its bytes stay in the batch. */
export interface QuarantineEntry {
  /** `<batchId>-<index>`. */
  readonly id: string;
  readonly source: string;
  readonly lane: number;
  readonly batchId: string;
  readonly index: number;
  readonly messageId?: string;
  readonly reason: QuarantineReason;
  readonly quarantinedAt: string;
  readonly status: 'held' | 'released';
  readonly releasedAt?: string;
  /** The batch it was sent through again as. */
  readonly releasedAs?: string;
  readonly origin?: { readonly file: string; readonly row: number };
}

/** Quarantine: nothing in it is ever lost, and a release goes the normal way. */
export interface QuarantineStore {
  /** Idempotent by id: an entry that is there stays as it is. */
  add(entries: readonly QuarantineEntry[]): Promise<void>;
  list(
    filter: { readonly source?: string; readonly code?: string; readonly status?: 'held' | 'released' },
    options?: PageOptions,
  ): Promise<Page<QuarantineEntry>>;
  get(id: string): Promise<QuarantineEntry | undefined>;
  /** The entry's original item, bytes as they were taken in. */
  original(entry: QuarantineEntry): Promise<RawItem | undefined>;
  /**
   * Sends the item (or `replacement`) through the normal way again as a batch of its own and marks it released.
   * Idempotent: a second release answers the first one's batch. The batch id is derived from the entry's id.
   */
  release(id: string, replacement?: RawItem['body']): Promise<{ entry: QuarantineEntry; needsWake: boolean }>;
}

import type { BatchHeader, LaneBound, RawItem } from '../../domain/ingestion/raw.ts';

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
  /** Quarantined items by the code of their reason. */
  readonly reasons?: Readonly<Record<string, number>>;
  /** When the last of its items was received. ISO 8601 UTC. */
  readonly lastReceivedAt?: string;
  /** How far senders' clocks were off. */
  readonly clock?: ClockCounts;
}

/** What items that say when they were sent tell of their senders' clocks: receipt less sending, in milliseconds. */
export interface ClockCounts {
  readonly items: number;
  readonly sumMs: number;
  /** The largest difference, whichever way. */
  readonly maxMs: number;
}

/** What a source sent in one hour, and what became of it. */
export interface HourCounts {
  /** UTC, `YYYY-MM-DDTHH`: when the batches were received. */
  readonly hour: string;
  readonly items: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly events: number;
  readonly reasons: Readonly<Record<string, number>>;
  /** Empty where no item said. */
  readonly lastReceivedAt: string;
  readonly clock?: ClockCounts;
}

/** What a correction changed of a source's counts; numbers below zero take away. */
export interface CorrectedCounts {
  readonly source: string;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly events: number;
  readonly fragments: number;
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

/** A lane that has pending batches, and the first of them. */
export interface PendingLane {
  readonly source: string;
  readonly lane: number;
  readonly oldest: BatchHeader;
}

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
  /** Keys of all batches ever taken in of a source that are still stored, lane by lane, each oldest first. */
  stored(source: string, page: { readonly after?: string; readonly limit: number }): Promise<string[]>;
  /** A stored batch by its key; undefined where it is gone. */
  readStored(key: string): Promise<{ header: BatchHeader; items: RawItem[] } | undefined>;
  /** Oldest first. */
  pending(source: string, lane: number, limit: number): Promise<BatchHeader[]>;
  /** Lanes that have pending batches. Costs the same however many there are, so that it can be asked often. */
  pendingLanes(): Promise<PendingLane[]>;
  /** The newest pending batch of each lane of a source that has any: all that is pending now is at or before them. */
  pendingBounds(source: string): Promise<LaneBound[]>;
  /** Removes the pending entries and adds the counts, in one transaction; a batch completed already changes nothing. */
  complete(outcomes: readonly BatchOutcome[]): Promise<void>;
  setLane(source: string, lane: number, status: LaneStatus): Promise<void>;
  counts(): Promise<TenantCounts>;
  /** Counts what a decision outside of batches did to the number of profiles, once for each cause. */
  countDecided(cause: string, change: number): Promise<void>;
  /** Counts what a correction changed, once for each cause. */
  countCorrected(cause: string, change: CorrectedCounts): Promise<void>;
  /** Ids of a lane's batches that are still stored, oldest first, after `after` up to and with `to`. */
  storedOf(
    source: string,
    lane: number,
    range: { readonly after?: string; readonly to?: string },
  ): Promise<string[]>;
  /** A stored batch; undefined where it is gone. */
  readBatch(
    source: string,
    lane: number,
    batchId: string,
  ): Promise<{ header: BatchHeader; items: RawItem[] } | undefined>;
  /** Completed items of a source by the hour they were received in, oldest first. Times are ISO 8601 UTC, inclusive. */
  hours(source: string, range: { readonly from: string; readonly to: string }): Promise<HourCounts[]>;
  /** How many of these batches are not completed yet. */
  stillPending(batches: readonly Pick<BatchHeader, 'source' | 'lane' | 'batchId'>[]): Promise<number>;
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

/** Which entries are meant; all that is given must hold. Times are ISO 8601 UTC, `from` inclusive, `to` exclusive. */
export interface QuarantineFilter {
  readonly source?: string;
  readonly code?: string;
  readonly status?: QuarantineEntry['status'];
  /** Of `quarantinedAt`. */
  readonly from?: string;
  readonly to?: string;
}

/** What is done to an item on its way out of quarantine. */
export interface ReleaseHow {
  /** `name` or `name@version`; where silent, the newest version of the mapping that the item came with. */
  readonly mapping?: string;
  /** What is sent in the place of the original body. */
  readonly correct?: (body: RawItem['body']) => RawItem['body'];
  /** Only items that came with a mapping of this name, in whatever version. */
  readonly cameWith?: string;
}

/** What a release of many did. */
export interface ReleasedMany {
  readonly released: number;
  /** Entries whose original is gone, so that there is nothing to send. */
  readonly gone: number;
  /** Entries that stay held, for they came with another mapping. */
  readonly skipped: number;
  /** Entries that stay held, for they are nested too deeply to be sent. */
  readonly tooDeep: number;
  readonly batches: readonly BatchHeader[];
  /** Lanes that nobody pumps. */
  readonly wake: readonly { readonly source: string; readonly lane: number }[];
}

/** For how long entries are kept, in days. */
export interface QuarantineRetention {
  /** Of entries that wait for a decision, from when they were quarantined; kept for good where absent. */
  readonly heldDays?: number;
  /** Of entries that were released, from then on. */
  readonly releasedDays: number;
}

/** Quarantine: nothing in it is ever lost, and a release goes the normal way. */
export interface QuarantineStore {
  /** Idempotent by id: an entry that is there stays as it is. */
  add(entries: readonly QuarantineEntry[]): Promise<void>;
  list(filter: QuarantineFilter, options?: PageOptions): Promise<Page<QuarantineEntry>>;
  get(id: string): Promise<QuarantineEntry | undefined>;
  /** In the order of `ids`, of one source; undefined where there is none. */
  getMany(source: string, ids: readonly string[]): Promise<(QuarantineEntry | undefined)[]>;
  /** How many items of these batches are in quarantine. */
  countOf(batches: readonly Pick<BatchHeader, 'source' | 'batchId'>[]): Promise<number>;
  /** The entry's original item, bytes as they were taken in. */
  original(entry: QuarantineEntry): Promise<RawItem | undefined>;
  /**
   * Sends the item through the normal way again as a batch of its own and marks it released. Idempotent: a second
   * release answers the first one's batch. The batch id is derived from the entry's id. Throws `QuarantineNotFound`, and
   * `QuarantineTooDeep` for what can't be sent without a correction.
   */
  release(id: string, how?: ReleaseHow): Promise<{ entry: QuarantineEntry; needsWake: boolean }>;
  /**
   * Sends entries through the normal way again in few batches and marks them released. `call` names the call (an opaque
   * text, and when it was first made, ISO 8601 UTC): repeated with the same entries it changes nothing.
   */
  releaseMany(
    entries: readonly QuarantineEntry[],
    call: { readonly name: string; readonly at: string },
    how?: ReleaseHow,
  ): Promise<ReleasedMany>;
}

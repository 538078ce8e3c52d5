/** Vendors whose REST APIs can be read. */
export type SyncVendor = 'salesforce' | 'hubspot';

/** What was read of one stream: one kind of object, or its deletions. */
export interface StreamCounts {
  readonly pages: number;
  /** Records in the vendor's answers. */
  readonly rows: number;
  /** Of those: known from the overlap with what was read before, and left out. */
  readonly repeated: number;
  /** Of those: taken in as deletions. */
  readonly deleted: number;
  /** Of those: no records, in quarantine with their path. */
  readonly malformed: number;
}

/** One stream of a run. */
export interface StreamProgress extends StreamCounts {
  readonly stream: string;
  /** Modifications are read from here on, ISO 8601 UTC; null for everything. */
  readonly from: string | null;
  /** The latest modification that was read. */
  readonly latest: string | null;
  readonly done: boolean;
}

/** What became of the records that were taken in. */
export interface SyncOutcome {
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
}

/** How far a run is; the `progress` query's answer. */
export interface SyncProgress extends StreamCounts, SyncOutcome {
  readonly status: 'reading' | 'waiting' | 'draining' | 'done' | 'failed';
  /** What is read now. */
  readonly stream: string | null;
  /** Why it waits, or why it failed. No values of any record. */
  readonly detail: string | null;
}

/** A field of a vendor's object that appeared, disappeared or changed its type. */
export interface SchemaChange {
  readonly object: string;
  readonly field: string;
  readonly change: 'new' | 'vanished' | 'type';
  /** The types before and after, in the vendor's words. */
  readonly before?: string;
  readonly after?: string;
  /** When it was noticed, ISO 8601 UTC. */
  readonly at: string;
}

/** What a run did. */
export interface SyncManifest extends SyncProgress {
  readonly runId: string;
  readonly source: string;
  readonly vendor: SyncVendor;
  readonly workflowId: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly streams: readonly StreamProgress[];
  readonly drift: readonly SchemaChange[];
  /** Calls that the vendor counted in its day, and how many it allows; where it says so. */
  readonly apiUsage?: { readonly used: number; readonly of: number };
}

/** Nothing read. */
export const NO_COUNTS: StreamCounts = { pages: 0, rows: 0, repeated: 0, deleted: 0, malformed: 0 };

/** Counts added up. */
export function addCounts(a: StreamCounts, b: StreamCounts): StreamCounts {
  return {
    pages: a.pages + b.pages,
    rows: a.rows + b.rows,
    repeated: a.repeated + b.repeated,
    deleted: a.deleted + b.deleted,
    malformed: a.malformed + b.malformed,
  };
}

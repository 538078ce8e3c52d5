/** Records of the overlap that are remembered; those beyond are taken in again, as duplicates. */
const RECENT_MAX = 2_000;

/** How far a stream was read. Times are ISO 8601 UTC with milliseconds. */
export interface SyncCursor {
  /** The latest modification that was read. */
  readonly modified: string;
  /** What was read within the overlap before that, by `recordKey`, oldest first. */
  readonly recent: readonly string[];
  /** Set while the vendor's answers are out of order: a run that does not end is to be read again from here. */
  readonly redoFrom?: string | null;
}

/** A record's id and its modification, ISO 8601 UTC. */
export interface ReadRecord {
  readonly id: string;
  readonly modified: string;
}

/** What tells one state of a record from another. */
export function recordKey({ id, modified }: ReadRecord): string {
  return `${modified} ${id}`;
}

/**
 * From when on modifications are read: the cursor less the overlap, since a vendor's index lags behind its changes. A run
 * that was due before that, as one of a backfill, reads from when it was due. Null where everything is to be read.
 */
export function readFrom(
  cursor: SyncCursor | undefined,
  overlapMs: number,
  dueAt: string | undefined,
): string | null {
  if (cursor === undefined || cursor.redoFrom === null) return null;
  const starts = [Date.parse(cursor.modified) - overlapMs];
  if (cursor.redoFrom !== undefined) starts.push(Date.parse(cursor.redoFrom));
  if (dueAt !== undefined) starts.push(Date.parse(dueAt));
  return new Date(Math.min(...starts)).toISOString();
}

/** Whether records come as they were modified, none before `latest`. */
export function isInOrder(latest: string | null, records: readonly ReadRecord[]): boolean {
  let before = latest ?? '';
  for (const { modified } of records) {
    if (modified < before) return false;
    before = modified;
  }
  return true;
}

/**
 * The cursor after more records were read. It never goes back, and never beyond `now` (ISO 8601 UTC): a record from the
 * future would hide all that is changed until then.
 */
export function advance(
  before: SyncCursor | undefined,
  records: readonly ReadRecord[],
  given: {
    readonly overlapMs: number;
    readonly now: string;
    /** Set while what was read is out of order. */
    readonly redoFrom?: string | null;
  },
): SyncCursor | undefined {
  const { overlapMs, now, redoFrom } = given;
  let modified = before?.modified;
  for (const record of records) {
    const at = record.modified < now ? record.modified : now;
    if (modified === undefined || at > modified) modified = at;
  }
  if (modified === undefined) return undefined;
  const since = new Date(Date.parse(modified) - overlapMs).toISOString();
  const keys = new Set([...(before?.recent ?? []), ...records.map(recordKey)]);
  const recent = [...keys].filter((key) => key >= since).sort();
  return {
    modified,
    recent: recent.slice(-RECENT_MAX),
    ...(redoFrom === undefined ? {} : { redoFrom }),
  };
}

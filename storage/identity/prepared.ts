import { ConditionFailed, StorageError } from '../errors.ts';
import type { Key, Table, WriteOp } from '../ports.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import { pageRange, preparedKey } from './layout.ts';
import type { DirectoryRecords } from './records.ts';

/** What was prepared was cleared away: the work ended without it, and is not taken up again. */
export class ResolutionReleased extends StorageError {
  constructor() {
    super('resolution-released', 'the resolution was given up; ask for it again');
  }
}

/** The mark's versions: given up; prepared; from then on, commits that name pages of the cause. */
const RELEASED = 0;
const PREPARED = 1;

/** How a cause's mark stands: what a commit that names pages of the cause moves on. */
export interface PreparedMark {
  /** Absent where nothing was prepared. */
  version?: number;
}

/** The mark as it stands. Throws `ResolutionReleased`. */
export async function preparedMark(table: Table, cause: string): Promise<PreparedMark> {
  const item = await table.get(preparedKey(cause));
  if (item?.version === RELEASED) throw new ResolutionReleased();
  return item ? { version: item.version } : {};
}

/** Marks that pages of a cause are about to be written ahead of their commit. */
export async function markPrepared(table: Table, records: DirectoryRecords, cause: string): Promise<void> {
  const { version } = await preparedMark(table, cause);
  if (version !== undefined) return;
  const sealer = await records.sealer();
  try {
    await table.write([{ kind: 'put', ...sealer.prepared(cause, PREPARED), expect: 'absent' }]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** The part of a transaction that moves the mark on; it fails where the cause was released meanwhile. */
export async function moveMark(
  records: DirectoryRecords,
  cause: string,
  { version }: PreparedMark,
): Promise<WriteOp & { readonly kind: 'put' }> {
  const item = (await records.sealer()).prepared(cause, (version ?? PREPARED) + 1);
  return { kind: 'put', ...item, expect: version ?? 'absent' };
}

/**
 * Gives a cause up and clears away what was prepared for it, unless some of it was committed. The mark goes first: a
 * commit that is under way all the same then fails.
 */
export async function releasePrepared(table: Table, records: DirectoryRecords, cause: string): Promise<void> {
  const mark = await table.get(preparedKey(cause));
  if (mark && mark.version > PREPARED) return;
  if (mark?.version !== RELEASED) {
    const item = (await records.sealer()).prepared(cause, RELEASED);
    try {
      await table.write([{ kind: 'put', ...item, expect: mark?.version ?? 'absent' }]);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      // A commit was faster, or another release.
      await releasePrepared(table, records, cause);
      return;
    }
  }
  for (;;) {
    const pages = await table.query({ ...pageRange(cause), limit: WRITE_OPS_MAX });
    if (pages.length === 0) return;
    await table.write(pages.map(({ pk, sk }: Key): WriteOp => ({ kind: 'delete', pk, sk })));
  }
}

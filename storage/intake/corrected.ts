import { ConditionFailed, StoreUnavailable } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Key, Table } from '../ports.ts';
import type { CorrectedCounts } from './types.ts';

/** A correction is counted once for as long as it may be tried again. */
const COUNTED_SECONDS = 90 * 24 * 3600;
/** Rounds against other writers of the same counters. */
const ROUNDS_MAX = 100;

/**
 * Adds what a correction changed to the counters of its source, beside those of its lanes; a cause that was counted
 * before changes nothing. `counts` is the partition of the counters.
 */
export async function countCorrected(
  table: Table,
  counts: string,
  change: CorrectedCounts & { readonly cause: string; readonly nowMs: number },
): Promise<void> {
  const { cause, nowMs, source, ...by } = change;
  if (Object.values(by).every((count) => count === 0)) return;
  const key: Key = { pk: counts, sk: `${source}/corrected` };
  const mark: Key = { pk: `counts-corrected/${cause}`, sk: 'counted' };
  const expiresAt = Math.floor(nowMs / 1_000) + COUNTED_SECONDS;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const [item, counted] = await table.getMany([key, mark]);
    if (counted !== undefined) return;
    const none: CorrectedCounts = {
      source,
      stored: 0,
      duplicates: 0,
      quarantined: 0,
      events: 0,
      fragments: 0,
    };
    const before = item === undefined ? none : decodeJson<CorrectedCounts>(item.value);
    const after = {
      source,
      stored: before.stored + by.stored,
      duplicates: before.duplicates + by.duplicates,
      quarantined: before.quarantined + by.quarantined,
      events: before.events + by.events,
      fragments: before.fragments + by.fragments,
      profiles: 0,
    };
    const version = item?.version ?? 0;
    try {
      await table.write([
        {
          ...{ kind: 'put', ...key, version: version + 1, value: encodeJson(after) },
          expect: item === undefined ? 'absent' : version,
        },
        { kind: 'put', ...mark, version: 1, value: new Uint8Array(), expiresAt, expect: 'absent' },
      ]);
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  throw new StoreUnavailable('the counters of a source, which other writers keep changing,');
}

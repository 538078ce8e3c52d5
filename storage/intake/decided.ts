import { ConditionFailed, StoreUnavailable } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Key, Table } from '../ports.ts';

/** How many profiles decisions outside of batches made or merged away: linkage, people's rulings. */
const TOTAL: Key = { pk: 'counts-decided', sk: 'profiles' };
/** A decision is counted once for as long as it may be tried again. */
const COUNTED_SECONDS = 90 * 24 * 3600;
/** Rounds against other decisions. */
const ROUNDS_MAX = 100;

const countedKey = (cause: string): Key => ({ pk: `counts-decided/${cause}`, sk: 'counted' });

/** Adds what a decision did to the number of profiles; a cause that was counted before changes nothing. */
export async function countDecided(
  table: Table,
  cause: string,
  change: number,
  nowMs: number,
): Promise<void> {
  if (change === 0) return;
  const expiresAt = Math.floor(nowMs / 1_000) + COUNTED_SECONDS;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const [total, counted] = await table.getMany([TOTAL, countedKey(cause)]);
    if (counted !== undefined) return;
    const version = total?.version ?? 0;
    const value = encodeJson((total === undefined ? 0 : decodeJson<number>(total.value)) + change);
    try {
      await table.write([
        {
          kind: 'put',
          ...TOTAL,
          version: version + 1,
          value,
          expect: total === undefined ? 'absent' : version,
        },
        {
          kind: 'put',
          ...countedKey(cause),
          version: 1,
          value: new Uint8Array(),
          expiresAt,
          expect: 'absent',
        },
      ]);
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  throw new StoreUnavailable('the count of profiles, which other writers keep changing,');
}

/** What all decisions outside of batches did to the number of profiles. */
export async function readDecided(table: Table): Promise<number> {
  const total = await table.get(TOTAL);
  return total === undefined ? 0 : decodeJson<number>(total.value);
}

import { setImmediate } from 'node:timers/promises';
import type { BatchHeader, LaneBound } from '../../domain/ingestion/raw.ts';
import { ConditionFailed } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Key, Table, WriteOp } from '../ports.ts';
import { writeInParts } from '../write-in-parts.ts';

/** The version of every pending entry; deleting one at it fails where it is gone. */
export const PENDING_VERSION = 1;
const PAGE = 1_000;

/** The partition of a lane's pending entries. */
function partition({ source, lane }: Pick<BatchHeader, 'source' | 'lane'>): string {
  return `pending/${source}/${String(lane)}`;
}

/** Where a batch's pending entry is. */
export function pendingKey(header: Pick<BatchHeader, 'source' | 'lane' | 'batchId'>): Key {
  return { pk: partition(header), sk: header.batchId };
}

function announcedKey(header: BatchHeader): Key {
  return { pk: `announced/${header.source}/${String(header.lane)}`, sk: header.batchId };
}

function pendingOp(header: BatchHeader): WriteOp {
  return { kind: 'put', ...pendingKey(header), version: PENDING_VERSION, value: encodeJson(header) };
}

/** Announces batches, each with an id of its own, as pending. */
export async function announceAll(table: Table, headers: readonly BatchHeader[]): Promise<void> {
  await writeInParts(table, headers.map(pendingOp));
}

/**
 * Announces a batch whose id its caller chose and may send again: leaves a mark for good, so that a second announcement
 * changes nothing even after the batch was drained.
 */
export async function announceOnce(table: Table, header: BatchHeader): Promise<void> {
  const mark = { ...announcedKey(header), version: 1, value: new Uint8Array() };
  try {
    await table.write([pendingOp(header), { kind: 'put', ...mark, expect: 'absent' }]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** Pending batches of a lane, oldest first. */
export async function pendingOf(
  table: Table,
  source: string,
  lane: number,
  limit: number,
): Promise<BatchHeader[]> {
  const pk = partition({ source, lane });
  const headers: BatchHeader[] = [];
  let after: string | undefined;
  while (headers.length < limit) {
    const page = Math.min(PAGE, limit - headers.length);
    const items = await table.query({ pk, limit: page, ...(after === undefined ? {} : { after }) });
    for (const item of items) {
      headers.push(decodeJson<BatchHeader>(item.value));
      after = item.sk;
    }
    if (items.length < page) break;
  }
  return headers;
}

/** The oldest pending batch of each lane that has any, whatever else it has: one entry a lane is read. */
export async function oldestOf(
  table: Table,
  lanes: readonly Pick<BatchHeader, 'source' | 'lane'>[],
): Promise<BatchHeader[]> {
  const first = await table.queryMany(lanes.map((lane) => ({ pk: partition(lane), limit: 1 })));
  return first.flat().map((item) => decodeJson<BatchHeader>(item.value));
}

/** The newest pending batch of each lane that has any: all that is pending there now is at or before it. */
export async function newestOf(
  table: Table,
  lanes: readonly Pick<BatchHeader, 'source' | 'lane'>[],
): Promise<LaneBound[]> {
  const ranges = lanes.map((lane) => ({ pk: partition(lane), limit: 1, reverse: true }));
  const last = await table.queryMany(ranges);
  return lanes.flatMap(({ lane }, i) => (last[i] ?? []).map(({ sk }) => ({ lane, through: sk })));
}

/**
 * Items that are pending on a lane. Millions of batches may wait after a long pause: a page of them is held at a time, and
 * the event loop turns between two, since embedded reads alone would not let it.
 */
export async function pendingItemsOf(table: Table, source: string, lane: number): Promise<number> {
  const pk = partition({ source, lane });
  let sum = 0;
  let after: string | undefined;
  for (;;) {
    const items = await table.query({ pk, limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const item of items) sum += decodeJson<BatchHeader>(item.value).items;
    after = items.at(-1)?.sk;
    if (items.length < PAGE) return sum;
    await setImmediate();
  }
}

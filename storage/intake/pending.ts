import type { BatchHeader } from '../../domain/ingestion/raw.ts';
import { ConditionFailed } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Key, Table, WriteOp } from '../ports.ts';
import { writeInParts } from '../write-in-parts.ts';

/** The version of every pending entry; deleting one at it fails where it is gone. */
export const PENDING_VERSION = 1;
const PAGE = 1_000;

/** Where a batch's pending entry is. */
export function pendingKey(header: Pick<BatchHeader, 'source' | 'lane' | 'batchId'>): Key {
  return { pk: `pending/${header.source}/${String(header.lane)}`, sk: header.batchId };
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
  const { pk } = pendingKey({ source, lane, batchId: '' });
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

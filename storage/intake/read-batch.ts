import type { BatchHeader, RawItem } from '../../domain/ingestion/raw.ts';
import { blobKey, decodeBatch } from './batch-blob.ts';
import type { IntakeOptions, IntakeSeal } from './context.ts';

/** Reads a batch back as it was written; undefined where it is not there. */
export async function readBatch(
  options: Pick<IntakeOptions, 'storage'>,
  sealer: IntakeSeal,
  source: string,
  lane: number,
  batchId: string,
): Promise<{ header: BatchHeader; items: RawItem[] } | undefined> {
  const key = blobKey(source, lane, batchId);
  const sealed = await options.storage.blobs.get(key);
  return sealed === undefined ? undefined : decodeBatch(await sealer.open(key, sealed));
}

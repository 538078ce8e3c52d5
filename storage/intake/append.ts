import type { BatchHeader } from '../../domain/ingestion/raw.ts';
import { Announcing } from './announcing.ts';
import { blobKey, encodeBatch } from './batch-blob.ts';
import type { IntakeOptions, IntakeSeal } from './context.ts';
import type { Lanes } from './lanes.ts';
import { announceOnce } from './pending.ts';
import { readBatch } from './read-batch.ts';
import type { BatchStore } from './types.ts';
import { createUlids } from './ulid.ts';

/** Writes batches: first the bytes, then the entry that announces them. */
export function createAppend(options: IntakeOptions, sealer: IntakeSeal, lanes: Lanes): BatchStore['append'] {
  const { storage } = options;
  const ulid = createUlids(options.now ?? Date.now);
  const announcing = new Announcing(storage.intake);

  async function put(header: BatchHeader, lines: readonly string[], ifAbsent: boolean): Promise<boolean> {
    const key = blobKey(header.source, header.lane, header.batchId);
    const sealed = await sealer.seal(key, encodeBatch(header, lines));
    const [fresh] = await Promise.all([
      storage.blobs.put(key, sealed, ifAbsent ? { ifAbsent } : {}),
      lanes.ensure(header.source, header.lane),
    ]);
    return fresh;
  }

  async function appendNew(header: BatchHeader, lines: readonly string[]): Promise<BatchHeader> {
    await announcing.after(header, () => put(header, lines, false));
    return header;
  }

  async function appendOnce(header: BatchHeader, lines: readonly string[]): Promise<BatchHeader> {
    const fresh = await put(header, lines, true);
    const { source, lane, batchId } = header;
    // Of two that send a batch of the same id, the first one's bytes are the batch.
    const stored = fresh ? undefined : await readBatch(options, sealer, source, lane, batchId);
    const kept = stored?.header ?? header;
    await announceOnce(storage.intake, kept);
    return kept;
  }

  return async (asked, lines) => {
    const given = asked.batchId;
    const header: BatchHeader = { ...asked, batchId: given ?? ulid(), items: lines.length };
    const kept = given === undefined ? await appendNew(header, lines) : await appendOnce(header, lines);
    // Asked only now: either this sees that no pump runs, or the pump's last look sees the entry.
    // What is durable by now is accepted, whatever becomes of the question; to wake a pump that runs does no harm.
    const status = await lanes.status(kept.source, kept.lane).catch(() => 'idle' as const);
    return { header: kept, needsWake: status === 'idle' };
  };
}

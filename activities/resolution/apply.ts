import type { Evidence } from '../../domain/identity/evidence.ts';
import { RESOLUTION_PROFILES_MAX } from './limits.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';

/** Pieces that are resolved together: enough to share transactions, few enough to be halved cheaply. */
export const APPLY_BATCH_MAX = 250;

/** What applying did so far. */
export interface Applied {
  readonly pieces: number;
  readonly minted: number;
  readonly mergedAway: number;
}

/** What is applied, and for whom. */
export interface ApplyInput {
  /** Names the run that wants it; with the batch's number, the cause of every decision. */
  readonly cause: string;
  /** Evidence of any rule: `probabilistic` from linkage, `always` and `never` from reviews and promotions. */
  readonly evidence: Iterable<Evidence> | AsyncIterable<Evidence>;
  /** Told after every batch: the place to heartbeat. */
  readonly onBatch?: (applied: Applied) => void;
}

/**
 * Applies evidence in batches, in the order it comes; each batch is decided and stored before the next is taken. The
 * same call again changes nothing and counts the same. Throws `StoreUnavailable`.
 */
export async function applyInBatches(
  store: Pick<TenantStore, 'directory'>,
  input: ApplyInput,
): Promise<Applied> {
  let applied: Applied = { pieces: 0, minted: 0, mergedAway: 0 };
  let batch: Evidence[] = [];
  let number = 0;
  const flush = async (): Promise<void> => {
    const nodes = batch.flatMap((piece) => [piece.a, piece.b]);
    const outcome = await store.directory.resolve(
      { nodes, evidence: batch, profilesMax: RESOLUTION_PROFILES_MAX },
      `${input.cause}/${String(number++)}`,
    );
    applied = {
      pieces: applied.pieces + batch.length,
      minted: applied.minted + outcome.minted.length,
      mergedAway: applied.mergedAway + outcome.mergedAway.length,
    };
    batch = [];
    input.onBatch?.(applied);
  };
  for await (const piece of input.evidence) {
    batch.push(piece);
    if (batch.length === APPLY_BATCH_MAX) await flush();
  }
  if (batch.length > 0) await flush();
  return applied;
}

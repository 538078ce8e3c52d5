import { CancelledFailure, Context } from '@temporalio/activity';
import type { Evidence } from '../../domain/identity/evidence.ts';
import type { LinkRequest } from '../../domain/link-records/run.ts';
import type { ScoredPair } from '../../storage/linkage/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { patiently } from '../ingest/patience.ts';
import { applyInBatches } from '../resolution/apply.ts';
import { linkFailure, requestOf } from './plan.ts';
import type { WorkKind } from '../../storage/linkage/types.ts';
import {
  COMPUTE_PART,
  type ComputeResult,
  type WorkPair,
  type WriteInput,
  type WritePosition,
} from './types.ts';

type Store = Pick<TenantStore, 'directory' | 'linkage' | 'batches'>;

function isPosition(value: unknown): value is WritePosition {
  return typeof value === 'object' && value !== null && 'part' in value && 'written' in value;
}

/** Writes part after part until the slice's time is over; a retry goes on at the last heartbeat. */
async function slice(
  store: Store,
  input: WriteInput,
  kind: WorkKind,
  write: (pairs: readonly WorkPair[], part: number, beat: () => void) => Promise<number>,
): Promise<WritePosition> {
  const context = Context.current();
  const until = performance.now() + input.sliceMs;
  const last: unknown = context.info.heartbeatDetails;
  let position = isPosition(last) ? last : input.position;
  const beat = (): void => {
    context.heartbeat(position);
  };
  while (position.part < input.parts) {
    const { part, written } = position;
    const pairs = (await store.linkage.work.get<WorkPair[]>(input.runId, kind, part)) ?? [];
    const more = await patiently({ signal: context.cancellationSignal, waiting: beat }, () =>
      write(pairs, part, beat),
    );
    position = { part: part + 1, written: written + more, done: false };
    beat();
    if (context.cancellationSignal.aborted) throw new CancelledFailure('the run was cancelled');
    if (performance.now() >= until) break;
  }
  return { ...position, done: position.part >= input.parts };
}

/** Tells identity of pairs that are one person. What was told before changes nothing. */
export async function linkSlice(store: Store, input: WriteInput): Promise<WritePosition> {
  const request = await requestOf(store, input);
  const { model = '', comparedAt } = await computed(store, input);
  return slice(store, input, 'links', async (pairs, part, beat) => {
    const cause = `link/${input.runId}/${String(part)}`;
    const applied = await applyInBatches(store, {
      cause,
      evidence: pairs.map((pair) => evidenceOf(pair, request, { model, comparedAt })),
      onBatch: beat,
    });
    await store.batches.countDecided(cause, applied.minted - applied.mergedAway);
    return applied.pieces;
  });
}

/** Puts pairs up for review. */
export async function reviewSlice(store: Store, input: WriteInput): Promise<WritePosition> {
  const request = await requestOf(store, input);
  const { model = '', comparedAt } = await computed(store, input);
  const from = { model, comparedAt, runId: request.runId };
  return slice(store, input, 'reviews', (pairs) =>
    store.linkage.reviews.offer(
      pairs.map((pair) => scoredPair(pair, request.recordType)),
      from,
    ),
  );
}

async function computed(store: Store, { runId }: WriteInput): Promise<ComputeResult> {
  const result = await store.linkage.work.get<ComputeResult>(runId, 'result', COMPUTE_PART);
  if (result === undefined) throw linkFailure('nothing-computed', `run ${runId} has no result to write`);
  return result;
}

function scoredPair([a, b, weight, probability]: WorkPair, type: string): ScoredPair {
  return { a: { fragment: a, type }, b: { fragment: b, type }, weight, probability };
}

function evidenceOf(
  pair: WorkPair,
  request: LinkRequest,
  by: { readonly model: string; readonly comparedAt: string },
): Evidence {
  const { a, b, probability } = scoredPair(pair, request.recordType);
  const [first, second] = a.fragment < b.fragment ? [a, b] : [b, a];
  return {
    a: first,
    b: second,
    rule: 'probabilistic',
    firstSeen: by.comparedAt,
    source: 'linkage',
    messageId: request.runId,
    score: probability,
    model: by.model,
  };
}

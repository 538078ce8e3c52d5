import { OPERATOR_SOURCE, type RulingRefusal } from '../../domain/identity/decide.ts';
import type { Evidence } from '../../domain/identity/evidence.ts';
import type { Review, ReviewDecision } from '../../domain/link-records/review.ts';
import { ConditionFailed, StorageError } from '../errors.ts';
import type { TenantStore } from '../tenant.types.ts';

/** What became of a pair, and whose profiles its records are in now. */
export interface DecidedReview {
  readonly review: Review;
  readonly profiles: readonly string[];
}

/** Identity does not make the ruling; the review stays as it was. */
export class RulingRefused extends StorageError {
  constructor(reason: RulingRefusal) {
    super('ruling-refused', `the pair can not be ruled on: ${reason}`);
  }
}

/**
 * Rules on a pair as a person decided: accepted pairs are always linked, rejected ones never. Then the review keeps who
 * decided and why. A later decision stands against an earlier one; both are kept.
 */
export async function decideReview(
  store: Pick<TenantStore, 'linkage' | 'directory' | 'batches'>,
  review: Review,
  decision: Omit<ReviewDecision, 'at'>,
): Promise<DecidedReview> {
  const made: ReviewDecision = { ...decision, at: new Date().toISOString() };
  const ruling: Evidence = {
    a: review.a,
    b: review.b,
    rule: made.state === 'accepted' ? 'always' : 'never',
    firstSeen: made.at,
    source: OPERATOR_SOURCE,
    messageId: `review/${review.id}/${String(review.decisions.length + 1)}/${made.state}`,
  };
  const { profiles, refused, minted, mergedAway } = await store.directory.resolve(
    { nodes: [review.a, review.b], evidence: [ruling] },
    ruling.messageId,
  );
  await store.batches.countDecided(ruling.messageId, minted.length - mergedAway.length);
  const [reason] = refused.values();
  if (reason !== undefined) throw new RulingRefused(reason);
  const decided = await store.linkage.reviews.decide(review.id, made);
  if (decided === undefined) throw new ConditionFailed([]);
  return { review: decided, profiles: [...new Set(profiles.values())] };
}

import { agglomerate } from './agglomerate.ts';
import { junkOfModel, withoutJunk } from './junk.ts';
import type { Prepared } from './prepare.ts';
import type { ClusterOptions, Clustering, LinkageModel, ReviewPair, ScoredPairs } from './types.ts';
import { Weigher, probability, weightOf } from './weigh.ts';

/** Least probabilities at which records are joined, and at which a pair is put up for review. */
export const LINK_AT = 0.5;
export const REVIEW_AT = 0.2;
const REVIEW_MAX = 10_000;

/** Joins the records of a set into people by their scored pairs, and lists the doubtful pairs that were not joined. */
export function cluster(
  prepared: Prepared,
  model: LinkageModel,
  scored: ScoredPairs,
  { linkAt = LINK_AT, reviewAt = REVIEW_AT, ...constraints }: ClusterOptions = {},
): Clustering {
  const weigher = new Weigher(withoutJunk(prepared, junkOfModel(model)), model);
  const weigh = (a: number, b: number): number => weigher.weight(a, b);
  const clusters = agglomerate(prepared.size, scored, weigh, weightOf(linkAt), constraints);
  const review: ReviewPair[] = [];
  const reviewFrom = weightOf(reviewAt);
  for (let at = 0; at < scored.length && review.length < REVIEW_MAX; at += 1) {
    const [a, b, weight] = [scored.a[at] as number, scored.b[at] as number, scored.weight[at] as number];
    if (weight < reviewFrom) break;
    if (clusters.find(a) !== clusters.find(b) && !clusters.forbidden(a, b))
      review.push({ a, b, weight, probability: probability(weight) });
  }
  return { cluster: clusters.labels(), review };
}

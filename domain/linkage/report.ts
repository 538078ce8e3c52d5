import { junkOfModel, withoutJunk } from './junk.ts';
import type { Prepared } from './prepare.ts';
import type { BlockingCount, ComparisonParameters, Clustering, LinkageModel } from './types.ts';
import { Weigher, probability } from './weigh.ts';

/** What a run can say about its own quality, without labels: estimates by the model, which are as good as it is. */
export interface QualityReport {
  readonly converged: boolean;
  readonly records: number;
  readonly clusters: number;
  readonly largestCluster: number;
  /** How many clusters there are of each size. */
  readonly sizes: readonly { readonly size: number; readonly clusters: number }[];
  readonly linkedPairs: number;
  readonly reviewPairs: number;
  /** Mean probability of the linked pairs. */
  readonly estimatedPrecision: number;
  /** Linked pairs that are right, of all pairs of the same person that the model expects. */
  readonly estimatedRecall: number;
  readonly blocking: readonly BlockingCount[];
  /** Probabilities of each level by class: the data of an m/u chart. */
  readonly comparisons: readonly ComparisonParameters[];
}

/** Reports on a clustering by the model that made it. */
export function qualityReport(
  prepared: Prepared,
  model: LinkageModel,
  clustering: Clustering,
): QualityReport {
  const members = new Map<number, number[]>();
  clustering.cluster.forEach((root, at) => {
    const known = members.get(root);
    if (known) known.push(at);
    else members.set(root, [at]);
  });
  const weigher = new Weigher(withoutJunk(prepared, junkOfModel(model)), model);
  const sizes = new Map<number, number>();
  let [linkedPairs, right] = [0, 0];
  for (const cluster of members.values()) {
    sizes.set(cluster.length, (sizes.get(cluster.length) ?? 0) + 1);
    for (let i = 0; i < cluster.length; i += 1)
      for (let j = i + 1; j < cluster.length; j += 1) {
        linkedPairs += 1;
        right += probability(weigher.weight(cluster[i] as number, cluster[j] as number));
      }
  }
  const expected = Math.max(right, (model.prior.same * prepared.size * (prepared.size - 1)) / 2);
  return {
    ...{ converged: model.converged, records: prepared.size, clusters: members.size },
    largestCluster: Math.max(0, ...sizes.keys()),
    sizes: [...sizes].sort(([x], [y]) => x - y).map(([size, clusters]) => ({ size, clusters })),
    ...{ linkedPairs, reviewPairs: clustering.review.length },
    estimatedPrecision: linkedPairs === 0 ? 1 : right / linkedPairs,
    estimatedRecall: expected === 0 ? 1 : right / expected,
    ...{ blocking: model.blocking, comparisons: model.comparisons },
  };
}

import type { BlockingCount, ComparisonParameters } from '../linkage/types.ts';

/** How well a run did, as far as can be told without labels. Counts and shares alone. */
export interface LinkReport {
  readonly records: number;
  readonly pairs: number;
  /** What each blocking rule proposed, in their order. */
  readonly blocking: readonly BlockingCount[];
  /** Estimated from the model, over the pairs that were scored. */
  readonly precision: number;
  readonly recall: number;
  /** How many clusters there are of each size. */
  readonly clusterSizes: Readonly<Record<string, number>>;
  readonly prior: { readonly same: number; readonly household: number };
  /** The m/u chart: each level's probability among pairs of one person, one household, and strangers. */
  readonly comparisons: readonly ComparisonParameters[];
  readonly iterations: number;
  readonly converged: boolean;
}

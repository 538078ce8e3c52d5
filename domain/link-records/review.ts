import type { GraphNode } from '../identity/evidence.ts';

/** What became of a pair that was put up for review. */
export type ReviewState = 'open' | 'accepted' | 'rejected';

/** One decision of an operator on a pair; a later one stands, all are kept. */
export interface ReviewDecision {
  readonly state: 'accepted' | 'rejected';
  readonly by: string;
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** A pair of records of which a model could not say for sure whether they are one person. */
export interface Review {
  /** The same for the same pair, whichever run found it. */
  readonly id: string;
  readonly a: GraphNode;
  readonly b: GraphNode;
  /** Log2 of the odds that the comparison adds, and the probability that they are one person. */
  readonly weight: number;
  readonly probability: number;
  readonly model: string;
  /** The last run that put it up. */
  readonly runId: string;
  readonly createdAt: string;
  /** Records as known at this moment are what was compared. */
  readonly comparedAt: string;
  readonly state: ReviewState;
  /** Oldest first. */
  readonly decisions: readonly ReviewDecision[];
  readonly version: number;
}

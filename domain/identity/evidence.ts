import type { FragmentId, ProfileId } from './identifier.ts';
import type { Isolation } from './isolation.ts';
import type { KnownRuling } from './ruling.ts';

export type { IdentityRules } from './rule-types.ts';

/** A fragment as the graph sees it: an address and its type, no value. */
export interface GraphNode {
  readonly fragment: FragmentId;
  readonly type: string;
}

/**
 * The rule by which a piece of evidence speaks: both identifiers were on one event; a model found their records alike; a
 * person ruled that they are always, or never, one.
 */
export type EvidenceRule = 'same-event' | 'probabilistic' | 'always' | 'never';

/** A fact that speaks for (`never`: against) two identifiers being one person. Undirected; `a < b`. */
export interface Evidence {
  readonly a: GraphNode;
  readonly b: GraphNode;
  readonly rule: EvidenceRule;
  /** Earliest event time at which it was seen, ISO 8601 UTC; of the other rules, when it was scored or ruled. */
  readonly firstSeen: string;
  /** The source and message of that earliest event; of the other rules, `linkage` or `operator`, and the id of the run, or of the ruling: one a pair. */
  readonly source: string;
  readonly messageId: string;
  /** Of `probabilistic`: the probability, 0 to 1, that both are one person. */
  readonly score?: number;
  /** Of `probabilistic`: the version of the model that scored it. */
  readonly model?: string;
}

/**
 * The rule that refused:
 * - `never`: a ruling keeps them apart
 * - `unique`, `limit`: the profile would hold too many of a type
 * - `source-trust`: its source may not join two people who are both known
 * - `blocked`, `shared-device`, `junk`: one end stands by itself; see `Isolation`
 * - `held`: the profile would be larger than it may grow without a review
 * - `too-large`: it outranks evidence in force, but more profiles hang on that than one transaction can judge
 */
export type RefusedBy = 'never' | 'unique' | 'limit' | 'source-trust' | Isolation | 'held' | 'too-large';

/** Evidence that the rules did not let join its two ends, and why. */
export interface Refusal {
  readonly evidence: Evidence;
  readonly refusedBy: RefusedBy;
  /** The identifier type that would have been one too many or that stands by itself; of `never` empty; else the type of one end. */
  readonly type: string;
  /** Of `never`: the ruling that keeps them apart. */
  readonly ruling?: string;
}

/** What is connected now: a profile's fragments and the evidence among them. */
export interface Component {
  readonly members: readonly GraphNode[];
  /** Evidence in force, a spanning set and all else that agrees with it. */
  readonly links: readonly Evidence[];
}

/** A partition of a set of fragments into profiles under one version of the rules. */
export interface Partition {
  readonly components: readonly Component[];
  readonly refused: readonly Refusal[];
}

/** The stored head of a profile. */
export interface ProfileHead {
  readonly profileId: ProfileId;
  /** ISO 8601 UTC; with the id, decides which profile survives a merge. */
  readonly mintedAt: string;
  /** The batch whose processing minted it; for exact counts after a retry. */
  readonly mintedBy: string;
  readonly members: readonly GraphNode[];
  readonly links: readonly Evidence[];
  /** Evidence with one end in this profile that was refused. Kept on both ends. */
  readonly refused: readonly Refusal[];
  /** Whether more of it is stored apart, by fragment: a profile that everybody touches keeps the strongest at hand. */
  readonly apart?: boolean;
  /** What people ruled about its members, oldest first; absent where nothing. */
  readonly rulings?: readonly KnownRuling[];
  readonly rulesVersion: number;
  /** Where this profile was merged into; its members are then empty. */
  readonly mergedInto?: ProfileId;
  /** The batch whose processing merged it away. */
  readonly mergedBy?: string;
  /** Members that stand by themselves; evidence about them is kept at the other ends. Absent where there are none. */
  readonly isolated?: Readonly<Record<FragmentId, Isolation>>;
  /** True where nobody is here: its one fragment has no event in force any more, and no evidence names it. */
  readonly vacant?: true;
  /** Fragments that left for another profile and whose own pointer may still name this one. */
  readonly moved: Record<FragmentId, ProfileId>;
}

import type { FragmentId, ProfileId } from './identifier.ts';

/** A fragment as the graph sees it: an address and its type, no value. */
export interface GraphNode {
  readonly fragment: FragmentId;
  readonly type: string;
}

/** The rule by which a piece of evidence speaks. */
export type EvidenceRule = 'same-event' | 'always';

/** A fact that speaks for two identifiers being one person. Undirected; `a < b`. */
export interface Evidence {
  readonly a: GraphNode;
  readonly b: GraphNode;
  readonly rule: EvidenceRule;
  /** Earliest event time at which it was seen, ISO 8601 UTC. */
  readonly firstSeen: string;
  /** The source and message of that earliest event. */
  readonly source: string;
  readonly messageId: string;
}

/** Evidence that the rules did not let join its two ends, and why. */
export interface Refusal {
  readonly evidence: Evidence;
  /** `too-large`: it outranks evidence in force, but more profiles hang on that than one transaction can judge. */
  readonly refusedBy: 'unique' | 'limit' | 'too-large';
  /** The identifier type that would have been one too many; of `too-large`, the type of one end. */
  readonly type: string;
}

/** A tenant's rules of identity, versioned. */
export interface IdentityRules {
  readonly version: number;
  /** Identifier types, strongest first: the first on an event names its fragment. */
  readonly priority: readonly string[];
  /** Types of which two different values never share a profile. */
  readonly unique: readonly string[];
  /** At most n values of a type in a profile. */
  readonly limits: Record<string, number>;
  /** Values that are never evidence: whole (lower case) or `/pattern/`. */
  readonly blocked: readonly string[];
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
  readonly rulesVersion: number;
  /** Where this profile was merged into; its members are then empty. */
  readonly mergedInto?: ProfileId;
  /** The batch whose processing merged it away. */
  readonly mergedBy?: string;
  /** Fragments that left for another profile and whose own pointer may still name this one. */
  readonly moved: Record<FragmentId, ProfileId>;
}

import type { Waterfall } from '../../linkage/types.ts';
import type { EvidenceRule, RefusedBy } from '../evidence.ts';
import type { FragmentId, IdentifierKey, ProfileId } from '../identifier.ts';
import type { Isolation } from '../isolation.ts';

/** A fragment for people: by its identifier where whoever asked may know it, else by its address, which names nobody. */
export interface ExplainedEnd {
  readonly fragment: FragmentId;
  readonly type: string;
  readonly identifier: IdentifierKey | null;
}

/** The decision that brought a link into its profile. */
export interface Decided {
  readonly recordedAt: string;
  readonly rulesVersion: number;
  /** The batch, request or run. */
  readonly cause: string;
}

/** A piece of evidence, and the rule by which it speaks. */
export interface ExplainedLink {
  readonly a: ExplainedEnd;
  readonly b: ExplainedEnd;
  readonly rule: EvidenceRule;
  /** Version of the tenant's rules under which it was decided, or of those in force where that is not told. */
  readonly rulesVersion: number;
  /** The earliest event that showed it; of the other rules see `Evidence`. */
  readonly firstSeen: string;
  readonly source: string;
  readonly messageId: string;
  /** Of `probabilistic`: the probability, the model's version, and how the comparisons add up to it. */
  readonly score?: number;
  readonly model?: string;
  readonly waterfall?: Waterfall;
  readonly decided?: Decided;
}

/** Evidence that does not join its ends, and the rule that refused it. */
export interface ExplainedRefusal extends ExplainedLink {
  readonly refusedBy: RefusedBy;
  /** The identifier type that would have been one too many or stands by itself. */
  readonly limitedType: string;
  /** Of `never`: the id of the ruling. */
  readonly ruling?: string;
}

/** A step from one identifier to another: a link, or where it breaks off a refusal. */
export type ExplainedStep = ExplainedLink & Partial<ExplainedRefusal>;

/** What a person ruled about members. */
export interface ExplainedRuling {
  readonly id: string;
  readonly at: string;
  readonly rule: 'always' | 'never';
  /** Members of this profile on either side; the other side may be somebody else's. */
  readonly a: readonly ExplainedEnd[];
  readonly b: readonly ExplainedEnd[];
}

/** Why two identifiers are one person, or are not. */
export interface ExplainedPair {
  readonly from: ExplainedEnd;
  readonly to: ExplainedEnd;
  readonly samePerson: boolean;
  readonly toProfileId: ProfileId;
  /** The shortest way from one to the other; a way with refused steps where they are two people, none where nothing connects them. */
  readonly path: readonly ExplainedStep[];
}

/** Why a profile's fragments are one person. */
export interface Explanation {
  readonly profileId: ProfileId;
  readonly mintedAt: string;
  readonly rulesVersion: number;
  readonly isolated?: Isolation;
  readonly fragments: readonly ExplainedEnd[];
  readonly links: readonly ExplainedLink[];
  readonly refused: readonly ExplainedRefusal[];
  readonly rulings: readonly ExplainedRuling[];
  readonly between?: ExplainedPair;
}

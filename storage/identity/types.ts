import type { RulingRefusal, SplitRequest } from '../../domain/identity/decide.ts';
import type { Evidence, GraphNode, ProfileHead } from '../../domain/identity/evidence.ts';
import type { HoldKind } from '../../domain/identity/holds.ts';
import type { Isolation } from '../../domain/identity/isolation.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';

/** What one decision did to one profile; the stream that `knownAt` reads. */
export interface Decision {
  readonly version: number;
  readonly recordedAt: string;
  readonly kind:
    'minted' | 'linked' | 'refused' | 'merged-away' | 'absorbed' | 'moved' | 'vacated' | 'occupied';
  /** The batch, request or run that caused it. */
  readonly cause: string;
  /** The head as it stood after the decision. */
  readonly head: ProfileHead;
  /** Other profiles that took part. */
  readonly others: readonly ProfileId[];
  /** Where the head's members are stored, if they are too many for the decision's own item. */
  readonly pages?: PageRef;
}

/** Immutable pages of a head's members, links and what else grows with them. */
export interface PageRef {
  /** The cause on whose behalf they were written. */
  readonly cause: string;
  readonly digest: string;
  readonly count: number;
}

/** What a batch brought to identity: fragments it touched and evidence that is new or older than known. */
export interface IdentityInput {
  readonly nodes: readonly GraphNode[];
  /** Of rule `always` or `never`: a ruling of that id, made on the profiles as they are; made once, it is not made again. */
  readonly evidence: readonly Evidence[];
  readonly splits?: readonly SplitRequest[];
  /** Fragments among the evidence whose values name nobody: they get no profile, and the other ends keep what speaks of them. */
  readonly blocked?: ReadonlySet<FragmentId>;
  /** Most profiles judged anew together; what the pump takes where silent. */
  readonly profilesMax?: number;
  /** Whether `prepare` came before: what it wrote may then be released where this fails. */
  readonly prepared?: boolean;
}

/** What a batch did to identity, counted from what is stored, so that a retry counts the same. */
export interface IdentityOutcome {
  readonly minted: readonly ProfileId[];
  readonly mergedAway: readonly ProfileId[];
  /** The profile each of the input's nodes belongs to now. */
  readonly profiles: ReadonlyMap<FragmentId, ProfileId>;
  /** Rulings that were asked for and not made, by id. */
  readonly refused: ReadonlyMap<string, RulingRefusal>;
}

/** Some of the profiles that stand now. */
export interface HeadsPage {
  readonly heads: readonly ProfileHead[];
  readonly next: ProfileId | null;
}

/** Profiles that were found to exchange fragments with each other alone; all their fragments. */
export interface RejudgedRegion {
  readonly fragments: readonly FragmentId[];
  readonly isolated: ReadonlyMap<FragmentId, Isolation>;
}

/** What became of what was known of fragments, once some of their events held no longer. */
export interface IdentityCorrection {
  /** Every fragment concerned, ends of what falls away among them. */
  readonly nodes: readonly GraphNode[];
  /** Those of them that have no event in force. */
  readonly empty: ReadonlySet<FragmentId>;
  /** Pieces that hold no longer, as they stood or in any other form of the same pair and source. */
  readonly withdrawn: readonly Evidence[];
  /** What the events in force say, of the withdrawn pairs and of others. */
  readonly evidence: readonly Evidence[];
  /** Ends whose values name nobody: what is said of them is kept at the other end. */
  readonly blocked: ReadonlySet<FragmentId>;
}

/** What a correction did; `left` pieces would make a profile larger than one may be, and may stand as they stood. */
export interface IdentityCorrected {
  readonly minted: readonly ProfileId[];
  readonly mergedAway: readonly ProfileId[];
  readonly left: number;
}

/** Who is who now: profiles' heads, fragments' pointers, and the decisions that made them. */
export interface ProfileDirectory {
  /**
   * Gives every node a profile and applies the rules to the evidence. Idempotent by content; one transaction per
   * set of profiles that changes is the commit point; repoints fragments after it.
   */
  resolve(input: IdentityInput, cause: string): Promise<IdentityOutcome>;
  /**
   * Writes what `resolve` would need to be there before its transaction (pages of large profiles), which nobody sees;
   * answers how many items. To be released where no `resolve` follows.
   */
  prepare(input: IdentityInput, cause: string): Promise<number>;
  /** Clears away what was prepared and not committed. A `resolve` of what was prepared fails from then on. */
  release(cause: string): Promise<void>;
  /** Points all fragments of the profiles that these are in straight at them; readers find the way without. */
  repoint(fragments: readonly FragmentId[], cause: string): Promise<void>;
  /**
   * Judges a closed set of profiles anew by the rules in force, from all evidence they keep; `isolated` are those of the
   * fragments that stand by themselves. What takes more than one transaction is done in steps, each of which leaves every
   * fragment in one profile; cut short, it goes on from where it is. False where a profile would be larger than one may
   * be: some steps may then have been taken. Again changes nothing.
   */
  rejudge(region: RejudgedRegion, cause: string): Promise<boolean>;
  /**
   * Takes evidence back whose events hold no longer, so that what it alone held together comes apart and what it kept out
   * may join, and applies what holds instead. What takes more than one transaction is done in steps, each of which leaves
   * every fragment in one profile. Again changes nothing and counts the same. Cut short between two steps, it is to be
   * asked for again, and all profiles then compared with the rules, as at a run's end: the evidence is as it is to be, and
   * a part that no evidence leads to any more may not be.
   */
  correct(correction: IdentityCorrection, cause: string): Promise<IdentityCorrected>;
  /** The profile of a fragment, checked against its head and following redirects. */
  profileOf(fragment: FragmentId): Promise<ProfileHead | undefined>;
  /** The head that answers for an id now: redirects followed. */
  head(profile: ProfileId): Promise<ProfileHead | undefined>;
  /**
   * The heads that stand, in an order of the store's own, after the profile `after`: of up to `limit` profiles, merged
   * ones counted and left out. `next` is the `after` of the next page, null where there is none. On DynamoDB the whole
   * log is read once for all pages together.
   */
  heads(options: { readonly after?: ProfileId; readonly limit: number }): Promise<HeadsPage>;
  /** Decisions of one profile, oldest first. */
  decisions(profile: ProfileId): Promise<Decision[]>;
  /** How many holds came up by this process since it opened the directory, by kind. */
  holdsSince(): Readonly<Record<HoldKind, number>>;
}

/**
 * One record about a person, as its source has it: raw text, nothing normalized. Every field but `id` may be missing.
 * Fields that are not named here go into `other` and are compared as they are.
 */
export interface PersonRecord {
  /** Unique among the records that are linked together. */
  readonly id: string;
  readonly source?: string | undefined;
  readonly given?: string | undefined;
  readonly surname?: string | undefined;
  /** ISO (`1980-02-29`), compact (`19800229`), or day, month, year with separators; a year alone will do. */
  readonly birthDate?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly houseNumber?: string | undefined;
  readonly street?: string | undefined;
  /** A second line of the address: building, estate, unit. */
  readonly street2?: string | undefined;
  /** House number and street in one line, where the source does not keep them apart. */
  readonly address?: string | undefined;
  readonly postcode?: string | undefined;
  readonly city?: string | undefined;
  readonly state?: string | undefined;
  /** A number that one person has, and that may be mistyped: social security, customer, member number. */
  readonly nationalId?: string | undefined;
  /** Anything else that says something about a person: occupation, place of birth. */
  readonly other?: Readonly<Record<string, string | undefined>> | undefined;
}

/** How a blocking rule fared: which pairs it proposed, and which it refused to make because a key was shared by too many. */
export interface BlockingCount {
  readonly rule: string;
  /** Records that have the rule's fields. */
  readonly records: number;
  /** Whether its pairs were made. A loose rule is used only where it makes few. */
  readonly used: boolean;
  /** Pairs that this rule proposed and no rule before it. */
  readonly pairs: number;
  /** Keys that more records share than the cap allows, and the pairs they would have made. */
  readonly refusedKeys: number;
  readonly refusedPairs: number;
}

/** Why there is no model. Each comes with a sentence for people that names what to do. */
export type RefusalReason =
  | 'too-few-records'
  | 'nothing-to-compare'
  | 'all-alike'
  | 'nothing-in-common'
  | 'blocks-too-large'
  | 'not-converged';

export interface LinkageRefusal {
  readonly reason: RefusalReason;
  readonly message: string;
  readonly blocking: readonly BlockingCount[];
}

/** Probabilities of one comparison's level among pairs of the same person, of one household, and of strangers. */
export interface LevelParameters {
  readonly level: string;
  readonly same: number;
  readonly household: number;
  readonly unrelated: number;
}

export interface ComparisonParameters {
  readonly name: string;
  /** Level 0, "missing", is no evidence and has no parameters; these are levels 1 and up. */
  readonly levels: readonly LevelParameters[];
}

/** Shares of the most frequent values of a field, by hash of the normalized value, and of all the others together. */
export interface FieldFrequencies {
  readonly hashes: readonly number[];
  readonly shares: readonly number[];
  /** Share of a value that is not listed. */
  readonly rest: number;
  /** Chance that two records agree, over all values: what the model's exact level stands for. */
  readonly agreement: number;
}

/** A trained model: plain JSON, immutable, without any person's values (frequencies and junk are by hash). */
export interface LinkageModel {
  readonly version: 1;
  readonly records: number;
  /** Names of the fields of `other` that are compared, in order. */
  readonly other: readonly string[];
  readonly comparisons: readonly ComparisonParameters[];
  /** Shares of all pairs of records that are of the same person, and of one household. */
  readonly prior: { readonly same: number; readonly household: number };
  readonly frequencies: Readonly<Record<string, FieldFrequencies>>;
  /** Hashes of values that too many different people share to say anything, by field. */
  readonly junk: Readonly<Record<string, readonly number[]>>;
  readonly blocking: readonly BlockingCount[];
  readonly iterations: number;
  readonly converged: boolean;
}

export type Training =
  | { readonly ok: true; readonly model: LinkageModel }
  | { readonly ok: false; readonly refusal: LinkageRefusal };

/** Scored pairs, one a position. `a` and `b` index the prepared records, `a < b`; sorted by weight, then ids. */
export interface ScoredPairs {
  readonly length: number;
  readonly a: Int32Array;
  readonly b: Int32Array;
  /** Logarithm to base 2 of the odds that the two are the same person, all evidence and the prior included. */
  readonly weight: Float32Array;
}

/** One bar of a waterfall: what one comparison adds to the weight, in bits. */
export interface WaterfallStep {
  readonly comparison: string;
  readonly level: string;
  readonly weight: number;
}

export interface Waterfall {
  /** The weight before any comparison: how rare it is that two records are the same person. */
  readonly prior: number;
  readonly steps: readonly WaterfallStep[];
  readonly total: number;
  readonly probability: number;
}

/** Two records by index in the prepared set. */
export type IndexPair = readonly [number, number];

export interface ClusterOptions {
  /** Least probability at which two clusters are joined, from their mean evidence. */
  readonly linkAt?: number;
  /** Least probability at which a pair that was not joined is put up for review. */
  readonly reviewAt?: number;
  /** Pairs that are not the same person, whatever the evidence. */
  readonly cannotLink?: readonly IndexPair[];
  /** Pairs that are the same person, whatever the evidence; a cannot-link stands against them. */
  readonly mustLink?: readonly IndexPair[];
  /** Values by record, 0 for none, of identifiers of which a person has one: different ones never share a cluster. */
  readonly unique?: readonly Int32Array[];
}

export interface ReviewPair {
  readonly a: number;
  readonly b: number;
  readonly weight: number;
  readonly probability: number;
}

export interface Clustering {
  /** The cluster of each record: the index of its first member by id. */
  readonly cluster: Int32Array;
  /** Pairs that are likely enough for a person to look at and were not joined, likeliest first. */
  readonly review: readonly ReviewPair[];
}

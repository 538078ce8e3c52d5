/** How far a source is believed about who is who. */
export type Trust =
  /** Its evidence joins. */
  | 'link'
  /** Its evidence joins, but not two people who are both known: such a pair is put up for review. */
  | 'suggest'
  /** As `suggest`, but nobody is asked. */
  | 'none';

/** At most `max` values of a type, ever or among those first seen within any such time. */
export interface Limit {
  readonly max: number;
  /** ISO 8601 duration; ever where absent. */
  readonly within?: string;
}

/**
 * A tenant's rules of identity, versioned. In the records, the key `*` speaks for whatever is not named. A rule that is
 * absent is off.
 */
export interface IdentityRules {
  readonly version: number;
  /** Identifier types, strongest first: the first on an event names its fragment. */
  readonly priority: readonly string[];
  /** Types of which two different values never share a profile. */
  readonly unique: readonly string[];
  /** By type, the sources declared free of duplicates: two values that such a source named never share a profile. */
  readonly uniqueFrom?: Readonly<Record<string, readonly string[]>>;
  /** By type: how many values a profile holds at most. */
  readonly limits: Readonly<Record<string, number | Limit>>;
  /** Values that are never evidence: whole (lower case) or `/pattern/`, where `*` stands for any run of characters. */
  readonly blocked: readonly string[];
  /** Types that only a known person has; those of `unique` and `uniqueFrom` where absent. */
  readonly known?: readonly string[];
  /** By source. */
  readonly trust?: Readonly<Record<string, Trust>>;
  /** An identifier of these types that was seen with more than `after` values of one known type is nobody's own. */
  readonly sharedDevice?: { readonly types: readonly string[]; readonly after: number };
  /** Any identifier that was seen with more than `after` others of one type (ten times as many devices) is junk. */
  readonly junk?: { readonly after: number };
  /** A profile grows no further than this without a review: identifiers it holds, and known people merged into its first. */
  readonly alarm?: { readonly identifiers?: number; readonly merges?: number };
}

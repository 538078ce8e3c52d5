/**
 * Most profiles that one decision judges anew together: with the heads of so many, the fragments that are new, and those
 * whose state was part of the judgement, a transaction is not full.
 */
export const RESOLUTION_PROFILES_MAX = 90;

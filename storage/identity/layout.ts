import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import type { Key } from '../ports.ts';

/** Digits of a decision's version in its sort key: enough for one a second over thirty thousand years. */
const VERSION_DIGITS = 12;
const DECISION_PREFIX = 'c/';
const PAGE_PREFIX = 'p/';

/** Which profile a fragment belongs to, as of its last repointing. */
export function pointerKey(fragment: FragmentId): Key {
  return { pk: `f/${fragment}`, sk: 'profile' };
}

/** Where in its partition a profile's head stands. */
export const HEAD_SORT_KEY = 'head';

/** The last decision of a profile, with the head as it stands. */
export function headKey(profile: ProfileId): Key {
  return { pk: `p/${profile}`, sk: HEAD_SORT_KEY };
}

/** What the partitions of profiles start with. */
export const PROFILES_PREFIX = 'p/';

/** The profile whose head stands at `key`; undefined where something else does. */
export function profileOfHead({ pk, sk }: Key): ProfileId | undefined {
  return sk === HEAD_SORT_KEY && pk.startsWith(PROFILES_PREFIX)
    ? pk.slice(PROFILES_PREFIX.length)
    : undefined;
}

/** A decision of a profile that later ones followed. */
export function decisionKey(profile: ProfileId, version: number): Key {
  return { pk: `p/${profile}`, sk: `${DECISION_PREFIX}${String(version).padStart(VERSION_DIGITS, '0')}` };
}

/** The range of all of a profile's decisions but the last, which is in the head. */
export function decisionRange(profile: ProfileId): { pk: string; from: string; to: string } {
  return { pk: `p/${profile}`, from: DECISION_PREFIX, to: 'c0' };
}

/** What the partitions of evidence that heads have no room for start with. */
export const APART_PREFIX = 'o/';

/** Evidence about a fragment that was refused and that its profile's head has no room for; `digest` is of the pair. */
export function apartKey(fragment: FragmentId, digest: string): Key {
  return { pk: `${APART_PREFIX}${fragment}`, sk: digest };
}

/** What one write minted and merged away on behalf of a cause; `first` names the write. */
export function effectsKey(cause: string, first: string): Key {
  return { pk: `i/${cause}`, sk: first };
}

/** A page of a head's members: named by its cause, so that what a cause prepared in vain can be cleared away. */
export function pageKey({ cause, digest }: { cause: string; digest: string }, page: number): Key {
  return { pk: `g/${cause}`, sk: `${PAGE_PREFIX}${digest}/${String(page)}` };
}

/** The range of all pages of a cause. */
export function pageRange(cause: string): { pk: string; from: string; to: string } {
  return { pk: `g/${cause}`, from: PAGE_PREFIX, to: 'p0' };
}

/** How a cause's pages stand; see `prepared.ts`. */
export function preparedKey(cause: string): Key {
  return { pk: `g/${cause}`, sk: 'prepared' };
}

/** What a sealed value is bound to; it opens nowhere else. A head becomes a past decision by being sealed anew. */
export function directoryAad(tenant: string, key: Key): string {
  return `${tenant}|${key.pk}|${key.sk}|1`;
}

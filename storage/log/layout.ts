import type { FragmentId } from '../../domain/identity/identifier.ts';

/** Schema of sealed values of the log; part of what each is bound to. */
const SCHEMA = 1;
const VERSION_DIGITS = 12;
const COMMIT_PREFIX = 'c/';

/** Where a fragment's snapshot stands in its partition; its commits sort before it. */
export const SNAPSHOT_SK = 's';

/** What the partitions of fragments start with. */
export const FRAGMENTS_PREFIX = 'f/';

/** A fragment's partition. */
export function partitionOf(fragment: FragmentId): string {
  return FRAGMENTS_PREFIX + fragment;
}

/** Where a commit stands in its fragment's partition. */
export function commitSk(version: number): string {
  return COMMIT_PREFIX + String(version).padStart(VERSION_DIGITS, '0');
}

/** The exclusive end of the commits in a partition. */
export const COMMITS_END = 'c0';
/** The inclusive start. */
export const COMMITS_START = COMMIT_PREFIX;

/** The version of the commit at `sk`; undefined where it is no commit. */
export function commitVersion(sk: string): number | undefined {
  return sk.startsWith(COMMIT_PREFIX) ? Number(sk.slice(COMMIT_PREFIX.length)) : undefined;
}

/** What a sealed value of the log is bound to, so that it opens nowhere else. */
export function logAad(tenant: string, fragment: FragmentId, sk: string): string {
  return `${tenant}|${fragment}|${sk}|${String(SCHEMA)}`;
}

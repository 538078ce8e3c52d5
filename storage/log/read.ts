import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { FragmentKey } from '../vault/types.ts';
import type { LogContext } from './context.ts';
import { openCommit } from './context.ts';
import { COMMITS_END, COMMITS_START, commitSk, partitionOf } from './layout.ts';
import { partBy } from './superseded.ts';
import type { Commit, EventLog } from './types.ts';

/** Commits read at once where no limit is given. */
const READ_PAGE = 500;

type ReadOptions = NonNullable<Parameters<EventLog['read']>[1]>;

/** See `EventLog.read`. */
export async function readCommits(
  context: LogContext,
  fragment: FragmentId,
  options: ReadOptions = {},
): Promise<Commit[]> {
  const [key] = await context.vault.keys([fragment]);
  if (key === undefined) return [];
  const { commits, reachesEnd } = await readPage(context, fragment, key, options);
  if (commits.length === 0) return commits;
  const ordered = options.reverse === true ? commits.toReversed() : commits;
  const last = reachesEnd ? ordered.at(-1) : await lastCommit(context, fragment, key);
  if (last?.corrected === undefined) return commits;
  const corrections = await correctionsTo(context, fragment, key, { last, known: ordered });
  const parted = partBy(commits, corrections);
  return options.superseded === true ? parted : parted.map(withoutSuperseded);
}

function withoutSuperseded(commit: Commit): Commit {
  const { superseded, ...kept } = commit;
  return superseded === undefined ? commit : kept;
}

async function readPage(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey,
  { after, reverse = false, limit = Infinity }: ReadOptions,
): Promise<{ commits: Commit[]; reachesEnd: boolean }> {
  const commits: Commit[] = [];
  let cursor = after === undefined ? undefined : commitSk(after);
  let isThrough = false;
  while (!isThrough && commits.length < limit) {
    const page = Math.min(READ_PAGE, limit - commits.length);
    const items = await context.table.query({
      pk: partitionOf(fragment),
      from: COMMITS_START,
      to: COMMITS_END,
      limit: page,
      reverse,
      ...(cursor === undefined ? {} : { after: cursor }),
    });
    for (const item of items) {
      const commit = openCommit(context, fragment, key, item);
      if (commit !== undefined) commits.push(commit);
      cursor = item.sk;
    }
    isThrough = items.length < page;
  }
  return { commits, reachesEnd: reverse ? after === undefined : isThrough };
}

async function lastCommit(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey,
): Promise<Commit | undefined> {
  const range = { pk: partitionOf(fragment), from: COMMITS_START, to: COMMITS_END };
  const [item] = await context.table.query({ ...range, reverse: true, limit: 1 });
  return item && openCommit(context, fragment, key, item);
}

/** All corrections up to a fragment's last commit, oldest first: each names the one before it. */
export async function correctionsTo(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey,
  from: { readonly last: Commit; readonly known: readonly Commit[] },
): Promise<Commit[]> {
  const known = new Map(from.known.map((commit) => [commit.version, commit]));
  const found: Commit[] = [];
  for (let version = from.last.corrected ?? 0; version > 0;) {
    const commit = known.get(version) ?? (await commitAt(context, fragment, key, version));
    if (commit?.correction === undefined) break;
    found.push(commit);
    version = commit.correction.before;
  }
  return found.reverse();
}

async function commitAt(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey,
  version: number,
): Promise<Commit | undefined> {
  const item = await context.table.get({ pk: partitionOf(fragment), sk: commitSk(version) });
  return item && openCommit(context, fragment, key, item);
}

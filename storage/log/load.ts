import type { FragmentId } from '../../domain/identity/identifier.ts';
import { emptyFragment, evolveFragmentAll } from '../../domain/profile/fold.ts';
import type { FragmentState } from '../../domain/profile/fragment.ts';
import type { FoldPolicy } from '../../domain/profile/state.ts';
import type { Item } from '../ports.ts';
import type { FragmentKey } from '../vault/types.ts';
import type { LogContext } from './context.ts';
import { openCommit, openItem } from './context.ts';
import { COMMITS_END, COMMITS_START, commitSk, commitVersion, partitionOf, SNAPSHOT_SK } from './layout.ts';
import { COMMITS_MIN, decodeSnapshot } from './snapshot.ts';
import { inForce } from './superseded.ts';
import type { Commit, LoadedFragment, Tail } from './types.ts';

/** Items of a fragment's end read at once: its snapshot, its pointer, and the commits that a snapshot waits for. */
const END_ITEMS = COMMITS_MIN + 4;
/** Commits folded at a time where many must be. */
const PAGE_COMMITS = 200;

/** A fold in progress. */
interface Fold {
  version: number;
  recordedAt: string | null;
  bornIn: string | null;
  state: FragmentState;
  tail: Tail;
  /** Set where the fold holds events that a correction took back: it can't be subtracted from. */
  isStale?: boolean;
}

const nothing = (): Fold => ({
  version: 0,
  recordedAt: null,
  bornIn: null,
  state: emptyFragment,
  tail: { snapshotBytes: 0, commits: 0, bytes: 0 },
});

/** Folds commits, oldest first, onto what is folded already. Those of a key that is gone count as versions only. */
function foldCommits(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey | undefined,
  policy: FoldPolicy,
  fold: Fold,
  items: readonly Item[],
): void {
  for (const item of items) {
    const version = commitVersion(item.sk);
    if (version === undefined || version <= fold.version) continue;
    fold.version = version;
    const commit = key === undefined ? undefined : openCommit(context, fragment, key, item);
    if (commit === undefined) continue;
    fold.recordedAt = commit.recordedAt;
    if (commit.correction !== undefined) fold.isStale = true;
    fold.bornIn = bornAfter(fold.bornIn, commit);
    fold.state = evolveFragmentAll(fold.state, commit.events, policy);
    const { snapshotBytes, commits, bytes } = fold.tail;
    fold.tail = {
      ...{ snapshotBytes, commits: commits + 1, bytes: bytes + item.value.length },
      ...correctedBy(commit),
    };
  }
}

/** The batch of the first event since the fragment had none in force. */
function bornAfter(before: string | null, { events, empties }: Commit): string | null {
  return empties === true ? null : (before ?? events[0]?.batchId ?? null);
}

function correctedBy({ corrected, empties }: Commit): Pick<Tail, 'corrected' | 'isEmpty'> {
  if (corrected === undefined) return {};
  return { corrected, ...(empties === true && { isEmpty: true as const }) };
}

/** Folds the events in force of a whole history, oldest first. */
export function foldInForce(
  commits: readonly Commit[],
  policy: FoldPolicy,
): Pick<LoadedFragment, 'state' | 'bornIn'> {
  return {
    state: evolveFragmentAll(
      emptyFragment,
      inForce(commits).flatMap(({ events }) => events),
      policy,
    ),
    bornIn: commits.reduce<string | null>(bornAfter, null),
  };
}

/** Every commit of a fragment that can be read, oldest first, with all its events. */
export async function allCommits(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey | undefined,
): Promise<Commit[]> {
  const commits: Commit[] = [];
  for (let from = COMMITS_START; key !== undefined;) {
    const range = { pk: partitionOf(fragment), from, to: COMMITS_END, limit: PAGE_COMMITS };
    const items = await context.table.query(range);
    for (const item of items) {
      const commit = openCommit(context, fragment, key, item);
      if (commit !== undefined) commits.push(commit);
    }
    const last = items.at(-1);
    if (last === undefined || items.length < PAGE_COMMITS) break;
    from = commitSk((commitVersion(last.sk) ?? 0) + 1);
  }
  return commits;
}

function fromSnapshot(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey | undefined,
  policy: FoldPolicy,
  items: readonly Item[],
): Fold {
  const item = items.find(({ sk }) => sk === SNAPSHOT_SK);
  const bytes = item === undefined || key === undefined ? undefined : openItem(context, fragment, key, item);
  const snapshot = bytes === undefined ? undefined : decodeSnapshot(bytes);
  // Folded under another policy, the snapshot says what no longer holds; the commits do.
  if (item === undefined || snapshot?.policyVersion !== policy.version) return nothing();
  const { version, recordedAt, bornIn, state, corrected } = snapshot;
  const isEmpty = corrected !== undefined && state.profile.events === 0;
  return {
    version,
    recordedAt,
    bornIn: isEmpty ? null : bornIn,
    state,
    tail: {
      ...{ snapshotBytes: item.value.length, commits: 0, bytes: 0 },
      ...(corrected !== undefined && { corrected }),
      ...(isEmpty && { isEmpty: true as const }),
    },
  };
}

/** Folds the commits between what the fold has and the end that was read. */
async function foldGap(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey | undefined,
  policy: FoldPolicy,
  fold: Fold,
  to: string,
): Promise<void> {
  for (;;) {
    const range = { pk: partitionOf(fragment), from: commitSk(fold.version + 1), to, limit: PAGE_COMMITS };
    const items = await context.table.query(range);
    foldCommits(context, fragment, key, policy, fold, items);
    if (items.length < PAGE_COMMITS) return;
  }
}

async function finish(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey | undefined,
  policy: FoldPolicy,
  end: readonly Item[],
): Promise<LoadedFragment> {
  const fold = fromSnapshot(context, fragment, key, policy, end);
  const commits = end.filter(({ sk }) => commitVersion(sk) !== undefined).reverse();
  const first = commits[0];
  const oldest = first === undefined ? undefined : commitVersion(first.sk);
  const reaches = end.length < END_ITEMS || (oldest !== undefined && oldest <= fold.version + 1);
  if (!reaches) await foldGap(context, fragment, key, policy, fold, first?.sk ?? SNAPSHOT_SK);
  foldCommits(context, fragment, key, policy, fold, commits);
  const { isStale = false, ...folded } = fold;
  if (!isStale) return { fragment, ...folded };
  // A correction brings a snapshot with it: only without one, or under another policy, all is folded again.
  const all = await allCommits(context, fragment, key);
  const known = all.filter(({ version }) => version <= folded.version);
  return { fragment, ...folded, ...foldInForce(known, policy) };
}

/** Loads fragments as they stand, each once whatever it is asked. */
export async function loadFragments(
  context: LogContext,
  fragments: readonly FragmentId[],
): Promise<LoadedFragment[]> {
  const policy = await context.policy();
  const wanted = [...new Set(fragments)];
  const ranges = wanted.map((fragment) => ({
    pk: partitionOf(fragment),
    from: COMMITS_START,
    reverse: true,
    limit: END_ITEMS,
  }));
  const [keys, ends] = await Promise.all([context.vault.keys(wanted), context.table.queryMany(ranges)]);
  const loaded = await Promise.all(
    wanted.map((fragment, i) => finish(context, fragment, keys[i], policy, ends[i] ?? [])),
  );
  const found = new Map(loaded.map((fragment) => [fragment.fragment, fragment]));
  return fragments.map((fragment) => {
    const loaded = found.get(fragment);
    if (loaded === undefined) throw new TypeError('a fragment was not loaded');
    return loaded;
  });
}

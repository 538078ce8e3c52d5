import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { FoldPolicy } from '../../domain/profile/state.ts';
import { ConditionFailed } from '../errors.ts';
import type { WriteOp } from '../ports.ts';
import { seal } from '../vault/seal.ts';
import type { FragmentKey } from '../vault/types.ts';
import { COMMIT_BYTES_MAX, COMMIT_EVENTS_MAX, snapshotOp, tailAfter } from './commits.ts';
import type { LogContext } from './context.ts';
import { encodeCommit, eventAt } from './encode.ts';
import { commitSk, logAad, partitionOf } from './layout.ts';
import { allCommits, foldInForce } from './load.ts';
import { inForce, itemKey } from './superseded.ts';
import { readTips } from './tips.ts';
import type {
  Commit,
  CorrectionEffect,
  CorrectionRequest,
  FragmentTip,
  StoredEvent,
  SupersededItem,
} from './types.ts';

/** Items of one part: what it takes back is in its first commit. */
const PART_ITEMS_MAX = 500;
/** Bytes of a part's events as JSON; a most of what one transaction takes, by far. */
const PART_BYTES_MAX = 1_000_000;
/** Fragments corrected at once. */
const PARALLEL = 8;

/** A part of a correction, one transaction. */
interface Part {
  readonly cause: string;
  readonly supersedes: readonly SupersededItem[];
  readonly events: readonly StoredEvent[];
}

/** Cuts a request between items, the same way each time. */
function partsOf({ cause, supersedes, events }: CorrectionRequest): Part[] {
  const parts: { items: Set<string>; bytes: number }[] = [];
  const sizes = new Map(supersedes.map((item) => [itemKey(item), 0]));
  for (const event of events)
    sizes.set(itemKey(event), (sizes.get(itemKey(event)) ?? 0) + JSON.stringify(event).length);
  for (const [key, bytes] of sizes) {
    let part = parts.at(-1);
    if (!part || part.items.size === PART_ITEMS_MAX || part.bytes + bytes > PART_BYTES_MAX)
      parts.push((part = { items: new Set(), bytes: 0 }));
    part.items.add(key);
    part.bytes += bytes;
  }
  return parts.map(({ items }, nth) => {
    const isHere = (item: { readonly batchId: string; readonly index: number }): boolean =>
      items.has(itemKey(item));
    return {
      cause: `${cause}/${String(nth)}`,
      supersedes: supersedes.filter(isHere),
      events: events.filter(isHere),
    };
  });
}

/** Events in commits that are small enough. */
function* inCommits(events: readonly StoredEvent[]): Generator<StoredEvent[]> {
  let commit: StoredEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = JSON.stringify(event).length;
    if (commit.length === COMMIT_EVENTS_MAX || (commit.length > 0 && bytes + size > COMMIT_BYTES_MAX)) {
      yield commit;
      commit = [];
      bytes = 0;
    }
    commit.push(event);
    bytes += size;
  }
  yield commit;
}

/** A fragment with its history in memory, corrected part by part. */
class Correcting {
  readonly #context: LogContext;
  readonly #policy: FoldPolicy;
  readonly #key: FragmentKey;
  readonly #fragment: FragmentId;
  #tip: FragmentTip;
  #commits: readonly Commit[];

  constructor(
    parts: { context: LogContext; policy: FoldPolicy; key: FragmentKey },
    tip: FragmentTip,
    commits: readonly Commit[],
  ) {
    this.#context = parts.context;
    this.#policy = parts.policy;
    this.#key = parts.key;
    this.#fragment = tip.fragment;
    this.#tip = tip;
    this.#commits = commits;
  }

  /** Writes a part, with a snapshot where it is the last. Throws `ConditionFailed` where somebody else wrote. */
  async write(part: Part, isLast: boolean): Promise<void> {
    const made = this.#commitsOf(part);
    const ops: WriteOp[] = [];
    let tip = this.#tip;
    const snapshot = isLast ? this.#snapshot(made, tip) : undefined;
    for (const [nth, commit] of made.entries()) {
      const isEnd = nth === made.length - 1;
      const tail = {
        ...tailAfter(tip.tail, isEnd ? snapshot : undefined),
        corrected: commit.corrected ?? 0,
        ...(commit.empties === true && { isEmpty: true as const }),
      };
      const sk = commitSk(commit.version);
      const value = seal(
        this.#key,
        encodeCommit({ ...commit, events: commit.events.map(eventAt) }, tail),
        logAad(this.#context.tenant, this.#fragment, sk),
        { compress: true },
      );
      ops.push({
        ...{ kind: 'put', pk: partitionOf(this.#fragment), sk, version: commit.version, value },
        expect: 'absent',
      });
      const bytes = tail.commits === 0 ? 0 : tail.bytes + value.length;
      tip = { ...tip, version: commit.version, recordedAt: commit.recordedAt, tail: { ...tail, bytes } };
    }
    if (snapshot !== undefined) ops.push(snapshot);
    await this.#context.table.write(ops);
    this.#tip = tip;
    this.#commits = [...this.#commits, ...made];
  }

  #commitsOf({ cause, supersedes, events }: Part): Commit[] {
    const clock = new Date(this.#context.now()).toISOString();
    const { recordedAt: last, tail, version: before } = this.#tip;
    const recordedAt = last !== null && last > clock ? last : clock;
    const first = before + 1;
    const correction = { cause, supersedes, before: tail.corrected ?? 0 };
    const made = [...inCommits(events)].map((some, nth): Commit => ({
      ...{ version: first + nth, recordedAt, events: some, corrected: first },
      ...(nth === 0 && { correction }),
    }));
    if (isInhabited([...this.#commits, ...made])) return made;
    return made.map((commit) => ({ ...commit, empties: true as const }));
  }

  #snapshot(made: readonly Commit[], tip: FragmentTip): ReturnType<typeof snapshotOp> {
    const end = made.at(-1);
    if (end === undefined) return undefined;
    const { state, bornIn } = foldInForce([...this.#commits, ...made], this.#policy);
    return snapshotOp(this.#context, this.#policy, this.#key, {
      ...{ fragment: this.#fragment, version: end.version, recordedAt: end.recordedAt, state },
      // Who has no event was not born; the fold says so by itself.
      bornIn: bornIn ?? '',
      tail: { ...tip.tail, corrected: end.corrected ?? 0 },
    });
  }
}

/**
 * What the parts of a correction did, read off the commits: the same whenever it is asked. Each part's first commit says
 * it all, for the others only add.
 */
function effectOf(commits: readonly Commit[], parts: readonly Part[]): number {
  const causes = new Set(parts.map(({ cause }) => cause));
  let change = 0;
  for (const [at, { correction }] of commits.entries()) {
    if (correction === undefined || !causes.has(correction.cause)) continue;
    change += Number(isInhabited(commits.slice(0, at + 1))) - Number(isInhabited(commits.slice(0, at)));
  }
  return change;
}

/** Whether any event is in force. */
function isInhabited(commits: readonly Commit[]): boolean {
  return inForce(commits).some(({ events }) => events.length > 0);
}

async function correctOne(
  context: LogContext,
  policy: FoldPolicy,
  request: CorrectionRequest,
): Promise<CorrectionEffect> {
  const { fragment } = request;
  const parts = partsOf(request);
  for (;;) {
    context.tips.delete(fragment);
    const [key] = await context.vault.ensureKeys([fragment]);
    if (key === undefined) throw new TypeError('a fragment has no key after it was made');
    const [tip] = await readTips(context, [fragment]);
    if (tip === undefined) throw new TypeError('a fragment has no end');
    const commits = (await allCommits(context, fragment, key)).filter(
      ({ version }) => version <= tip.version,
    );
    const done = new Set(commits.flatMap(({ correction }) => correction?.cause ?? []));
    const open = parts.filter(({ cause }) => !done.has(cause));
    const correcting = new Correcting({ context, policy, key }, tip, commits);
    try {
      for (const [nth, part] of open.entries()) await correcting.write(part, nth === open.length - 1);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      continue;
    } finally {
      context.tips.delete(fragment);
    }
    const after = await allCommits(context, fragment, key);
    return { fragment, change: effectOf(after, parts) };
  }
}

/** See `EventLog.correct`. */
export async function correctAll(
  context: LogContext,
  requests: readonly CorrectionRequest[],
): Promise<CorrectionEffect[]> {
  const policy = await context.policy();
  const effects: CorrectionEffect[] = [];
  for (let i = 0; i < requests.length; i += PARALLEL) {
    const some = requests.slice(i, i + PARALLEL);
    const settled = await Promise.allSettled(some.map((request) => correctOne(context, policy, request)));
    for (const result of settled) {
      if (result.status === 'rejected') throw result.reason;
      effects.push(result.value);
    }
  }
  return effects;
}

import { evolveFragmentAll } from '../../domain/profile/fold.ts';
import type { FoldPolicy } from '../../domain/profile/state.ts';
import { ITEM_BYTES_MAX } from '../ports.ts';
import type { WriteOp } from '../ports.ts';
import { seal } from '../vault/seal.ts';
import type { FragmentKey } from '../vault/types.ts';
import type { LogContext } from './context.ts';
import { encodeCommit } from './encode.ts';
import { commitSk, logAad, partitionOf, SNAPSHOT_SK } from './layout.ts';
import { encodeSnapshot } from './snapshot.ts';
import type { AppendEvent, AppendRequest, FragmentTip, LoadedFragment, Tail } from './types.ts';

/** Events of one commit; with their index entries and a snapshot they fit a transaction. */
export const COMMIT_EVENTS_MAX = 64;
/** Bytes of a commit before compression; half of what an item may hold. */
export const COMMIT_BYTES_MAX = 200_000;

/** One commit with all that goes into its transaction, and where the fragment ends after it. */
export interface CommitUnit {
  readonly ops: readonly WriteOp[];
  readonly bytes: number;
  readonly after: FragmentTip;
}

/** Events in parts that are small enough in number; their bytes show when they are encoded. */
function inParts(events: readonly AppendEvent[]): (readonly AppendEvent[])[] {
  if (events.length <= COMMIT_EVENTS_MAX) return [events];
  const parts: AppendEvent[][] = [];
  for (let from = 0; from < events.length; from += COMMIT_EVENTS_MAX)
    parts.push(events.slice(from, from + COMMIT_EVENTS_MAX));
  return parts;
}

type Put = WriteOp & { readonly kind: 'put' };

function claim(context: LogContext, { event, batchId, index, digest, dedupeUntil }: AppendEvent): Put {
  const { pk, sk } = context.index.messageKey(event);
  // As `encodeJson` would, of an id and a digest that need no escaping: there is one for every message.
  const value = Buffer.from(`["${batchId}",${index},"${digest}"]`, 'latin1');
  // Written out: V8 gives each object that is spread and added to a shape of its own, and looks all of its fields up anew.
  return dedupeUntil === undefined
    ? { kind: 'put', pk, sk, version: 1, value, expect: 'absent' }
    : { kind: 'put', pk, sk, version: 1, value, expect: 'absent', expiresAt: dedupeUntil };
}

/** The index entries of a commit: one a message, though an item of a source may make several events. */
export function claims(context: LogContext, events: readonly AppendEvent[]): Put[] {
  if (events.length === 1) return events.map((event) => claim(context, event));
  const first = new Map<string, AppendEvent>();
  for (const event of events) if (!first.has(event.event.messageId)) first.set(event.event.messageId, event);
  return [...first.values()].map((event) => claim(context, event));
}

function size(ops: readonly WriteOp[]): number {
  let bytes = 0;
  for (const op of ops) bytes += op.pk.length + op.sk.length + (op.kind === 'put' ? op.value.length : 0) + 64;
  return bytes;
}

/** The snapshot of a fold; undefined where there is nothing to keep, or no room for it. */
export function snapshotOp(
  context: LogContext,
  policy: FoldPolicy,
  key: FragmentKey,
  after: LoadedFragment,
): Put | undefined {
  const { fragment, version, recordedAt, bornIn, state } = after;
  if (recordedAt === null || bornIn === null) return undefined;
  const { corrected } = after.tail;
  const plain = encodeSnapshot({
    ...{ version, recordedAt, bornIn, policyVersion: policy.version, state },
    ...(corrected !== undefined && { corrected }),
  });
  const value = seal(key, plain, logAad(context.tenant, fragment, SNAPSHOT_SK), { compress: true });
  // A state that fits no item is folded from its commits; readers do without the shortcut.
  if (value.length > ITEM_BYTES_MAX) return undefined;
  return { kind: 'put', pk: partitionOf(fragment), sk: SNAPSHOT_SK, version, value };
}

/** The snapshot that goes with a commit: the fold of what was loaded and the commit's own events. */
function snapshotWith(
  context: LogContext,
  policy: FoldPolicy,
  key: FragmentKey,
  before: LoadedFragment,
  commit: Pick<LoadedFragment, 'version'> & { readonly recordedAt: string },
  part: readonly AppendEvent[],
): Put | undefined {
  const events = part.map(({ event }) => event);
  const state = evolveFragmentAll(before.state, events, policy);
  return snapshotOp(context, policy, key, { ...before, ...commit, state });
}

/** The tail after a commit that brings events. */
export function tailAfter(before: Tail, snapshot: { readonly value: Uint8Array } | undefined): Tail {
  const { snapshotBytes, commits, bytes, corrected } = before;
  const after =
    snapshot === undefined
      ? { snapshotBytes, commits: commits + 1, bytes }
      : { snapshotBytes: snapshot.value.length, commits: 0, bytes: 0 };
  return corrected === undefined ? after : { ...after, corrected };
}

/**
 * The commits of one append, in order, each ready to be written. With `loaded`, the fold at the tip, the first of them
 * brings a snapshot. `clock` is the time to record them at: one text, kept in the end of each fragment.
 */
export function commitUnits(
  context: LogContext,
  policy: FoldPolicy,
  key: FragmentKey,
  request: AppendRequest,
  loaded: LoadedFragment | undefined,
  clock: string,
): CommitUnit[] {
  const { fragment } = request.tip;
  const units: CommitUnit[] = [];
  let before: FragmentTip = request.tip;
  const waiting = inParts(request.events).reverse();
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const version = before.version + 1;
    const recordedAt = before.recordedAt !== null && before.recordedAt > clock ? before.recordedAt : clock;
    const snapshot =
      loaded === undefined || units.length > 0
        ? undefined
        : snapshotWith(context, policy, key, loaded, { version, recordedAt }, part);
    const tail = tailAfter(before.tail, snapshot);
    const sk = commitSk(version);
    const plain = encodeCommit({ recordedAt, events: part }, tail);
    if (plain.length > COMMIT_BYTES_MAX && part.length > 1) {
      const middle = part.length >> 1;
      waiting.push(part.slice(middle), part.slice(0, middle));
      continue;
    }
    const value = seal(key, plain, logAad(context.tenant, fragment, sk), { compress: true });
    const ops: WriteOp[] = [
      { kind: 'put', pk: partitionOf(fragment), sk, version, value, expect: 'absent' },
      ...claims(context, part),
    ];
    if (snapshot !== undefined) ops.push(snapshot);
    const bytes = snapshot === undefined ? tail.bytes + value.length : 0;
    before = { fragment, version, recordedAt, tail: { ...tail, bytes } };
    units.push({ ops, bytes: size(ops), after: before });
  }
  return units;
}

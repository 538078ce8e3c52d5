import type { ProfileHead } from '../../domain/identity/evidence.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import { StorageError } from '../errors.ts';
import type { Expectation, Item, Table, WriteOp } from '../ports.ts';
import { WRITE_BYTES_MAX, WRITE_OPS_MAX } from '../ports.ts';
import { writeInParts } from '../write-in-parts.ts';
import { opBytes } from '../write-rules.ts';
import { storeApart } from './apart.ts';
import { decisionKey, headKey } from './layout.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import type { Group } from './plan.ts';
import { markPrepared, moveMark } from './prepared.ts';
import type { PreparedMark } from './prepared.ts';
import type { DirectoryRecords, RecordSealer } from './records.ts';
import type { Decision } from './types.ts';

/** A head of no more members, links and refusals than this, some 200 bytes each at most, surely needs no pages. */
const INLINE_PIECES = 500;
/** Writes that do not depend on each other are sent this many at a time; the embedded table flushes them together. */
const PARALLEL_WRITES = 64;

/** What was planned takes more operations than one transaction has: plan less at a time. Nothing was written. */
export class PlanTooLarge extends StorageError {
  constructor() {
    super(
      'plan-too-large',
      'a set of profiles that change together takes more operations than one transaction has',
    );
  }
}

/** What a commit stands on. */
export interface Commit {
  readonly table: Table;
  readonly records: DirectoryRecords;
  readonly around: Neighbourhood;
  readonly cause: string;
  /** Where fragments belong once all is written. */
  readonly homeOf: (fragment: FragmentId) => ProfileId | undefined;
  /** Where the cause's pages are cleared away if it fails: the mark that a commit to any of them moves on. */
  readonly prepared?: PreparedMark;
  /** Most operations of a transaction. */
  readonly opsMax: number;
}

/**
 * Writes the groups, many in a transaction but none in two. Throws `ConditionFailed` when somebody else was faster:
 * what was written until then stands by itself.
 *
 * A refusal is kept on both ends, which are mostly of two groups. The end that is written last checks that the other is
 * still as it was judged, so of two racing writers one sees what the other did. Those who judged most go first: there
 * is less to check.
 */
export async function commitGroups(groups: readonly Group[], commit: Commit): Promise<void> {
  const sealer = await commit.records.sealer();
  const apart = groups.flatMap((group) => group.apart);
  if (apart.length > 0) await storeApart(commit.table, commit.records, sealer, apart);
  const free = groups.filter((group) => group.judgedBy.length === 0 && group.steps.length > 0);
  const bound = groups
    .filter((group) => group.judgedBy.length > 0)
    .sort((x, y) => y.judgedBy.length - x.judgedBy.length);
  const changing = groups.flatMap((group) => group.steps.map(({ next }) => next.head.profileId));
  const plan: Plan = { changing: new Set(changing), written: new Map() };
  const boundBatches = pack(bound, commit, sealer, plan);
  const freeBatches = pack(free, commit, sealer, plan);
  const plain = freeBatches.filter(({ ahead }) => ahead.length === 0);
  for (let i = 0; i < plain.length; i += PARALLEL_WRITES)
    await Promise.all(plain.slice(i, i + PARALLEL_WRITES).map((batch) => writeBatch(batch, commit)));
  for (const batch of freeBatches) if (batch.ahead.length > 0) await writeBatch(batch, commit);
  for (const batch of boundBatches) await writeBatch(batch, commit);
}

/** Writes what committing the groups would need to be there first, and nothing else; answers how many items. */
export async function prepareGroups(groups: readonly Group[], commit: Commit): Promise<number> {
  const large = groups.filter((group) => group.steps.some(({ next }) => piecesIn(next.head) > INLINE_PIECES));
  if (large.length === 0) return 0;
  const sealer = await commit.records.sealer();
  const changing = groups.flatMap((group) => group.steps.map(({ next }) => next.head.profileId));
  const batches = pack(large, commit, sealer, { changing: new Set(changing), written: new Map() });
  if (batches.some(({ ahead }) => ahead.length > 0))
    await markPrepared(commit.table, commit.records, commit.cause);
  for (const batch of batches) await writeAhead(batch, commit.table);
  return batches.reduce((sum, batch) => sum + batch.ahead.length, 0);
}

function piecesIn(head: ProfileHead): number {
  return head.members.length + head.links.length + head.refused.length;
}

async function writeBatch(batch: PackedBatch, { table, records, cause, prepared }: Commit): Promise<void> {
  await writeAhead(batch, table);
  if (!prepared || batch.ahead.length === 0) {
    await table.write(batch.ops);
    return;
  }
  const mark = await moveMark(records, cause, prepared);
  await table.write([...batch.ops, mark]);
  prepared.version = mark.version;
}

/** What nobody sees before the batch's own transaction. Each item's content follows from its key. */
async function writeAhead({ ahead }: PackedBatch, table: Table): Promise<void> {
  let ops: WriteOp[] = [];
  let bytes = 0;
  for (const item of ahead) {
    const op = { kind: 'put' as const, ...item };
    if (ops.length === WRITE_OPS_MAX || bytes + opBytes(op) > WRITE_BYTES_MAX / 2) {
      await table.write(ops);
      [ops, bytes] = [[], 0];
    }
    ops.push(op);
    bytes += opBytes(op);
  }
  if (ops.length > 0) await table.write(ops);
}

interface Plan {
  readonly changing: ReadonlySet<ProfileId>;
  /** Versions of heads in the batches so far. */
  readonly written: Map<ProfileId, number>;
}

/** One transaction, and what must be stored before it. */
interface PackedBatch {
  readonly ahead: readonly Item[];
  readonly ops: readonly WriteOp[];
}

class Batch {
  readonly ahead: Item[] = [];
  readonly ops = new Map<string, WriteOp>();
  readonly minted: ProfileId[] = [];
  readonly mergedAway: ProfileId[] = [];
  bytes = 0;

  add(op: WriteOp): void {
    const key = `${op.pk} ${op.sk}`;
    // A put checks its own version already.
    if (op.kind === 'check' && this.ops.has(key)) return;
    this.ops.set(key, op);
    this.bytes += opBytes(op);
  }
}

function pack(groups: readonly Group[], commit: Commit, sealer: RecordSealer, plan: Plan): PackedBatch[] {
  const batches: Batch[] = [];
  let batch: Batch | undefined;
  for (const group of groups) {
    const checks = checkOps(group, commit, plan);
    // Two places are kept for the effects and the mark of pages. Counted before anything is sealed.
    const least = group.steps.length + group.placed.length + checks.length + 2;
    if (least > commit.opsMax) throw new PlanTooLarge();
    const isWide = least + group.steps.length > commit.opsMax;
    const count = least + (isWide ? 0 : group.steps.length);
    const { ops: alone, ahead } = stateOps(group, commit, sealer, isWide);
    const bytes = alone.reduce((sum, op) => sum + opBytes(op), 0);
    if (bytes > WRITE_BYTES_MAX / 2) throw new PlanTooLarge();
    if (!batch || batch.ops.size + count > commit.opsMax || batch.bytes + bytes > WRITE_BYTES_MAX / 2) {
      batch = new Batch();
      batches.push(batch);
    }
    const here = batch;
    for (const op of [...alone, ...checks]) here.add(op);
    here.ahead.push(...ahead);
    for (const { next, previous } of group.steps) {
      plan.written.set(next.head.profileId, next.version);
      const [was, is] = [countsAsOne(previous), countsAsOne(next)];
      if (is && !was) here.minted.push(next.head.profileId);
      if (was && !is) here.mergedAway.push(next.head.profileId);
    }
  }
  return batches.map((full) => ({ ahead: full.ahead, ops: withEffects(full, commit, sealer) }));
}

/** Whether the profile is one of those that stand, with somebody in it. */
function countsAsOne(decision: Decision | undefined): boolean {
  return decision !== undefined && decision.head.mergedInto === undefined && decision.head.vacant !== true;
}

function withEffects(batch: Batch, { cause }: Commit, sealer: RecordSealer): WriteOp[] {
  const { minted, mergedAway } = batch;
  const ops = [...batch.ops.values()];
  // A profile that one write mints and the next merges away must not give both the same name.
  const first = mergedAway[0] === undefined ? minted[0] : `a-${mergedAway[0]}`;
  if (first === undefined) return ops;
  return [...ops, { kind: 'put', ...sealer.effects(cause, first, { minted, mergedAway }) }];
}

function put({ pk, sk, version, value }: Item, expect: Expectation): WriteOp {
  return { kind: 'put', pk, sk, version, value, expect };
}

/** What stores a group. With `isWide`, the decisions that new ones follow are written ahead: copies of what still stands. */
function stateOps(
  group: Group,
  { around, cause }: Commit,
  sealer: RecordSealer,
  isWide: boolean,
): { ops: WriteOp[]; ahead: Item[] } {
  const ops: WriteOp[] = [];
  const ahead: Item[] = [];
  for (const { next, previous } of group.steps) {
    const profile = next.head.profileId;
    const expect = previous?.version ?? 'absent';
    const head = sealer.decision(headKey(profile), next);
    ahead.push(...head.pages);
    ops.push(put(head.item, expect));
    if (!previous) continue;
    const past = sealer.decision(decisionKey(profile, previous.version), previous);
    if (isWide) ahead.push(past.item);
    else ops.push({ kind: 'put', ...past.item });
  }
  for (const [fragment, profile] of group.placed) {
    const old = around.pointerOf(fragment);
    const pointer = { version: (old?.version ?? 0) + 1, profile };
    ops.push(put(sealer.pointer(fragment, pointer, cause), old?.version ?? 'absent'));
  }
  return { ops, ahead };
}

function checkOps(group: Group, commit: Commit, plan: Plan): WriteOp[] {
  const checks = new Map<ProfileId, WriteOp>();
  for (const fragment of group.judgedBy) {
    const profile = commit.homeOf(fragment);
    if (profile === undefined) continue;
    const stands = plan.changing.has(profile)
      ? // One that is yet to be written checks us.
        plan.written.get(profile)
      : commit.around.decisionOf(profile)?.version;
    if (stands !== undefined) checks.set(profile, { kind: 'check', ...headKey(profile), expect: stands });
  }
  return [...checks.values()];
}

/** Points fragments straight at the profiles they are in. Best effort: readers find the way without. */
export async function repoint(fragments: readonly FragmentId[], commit: Commit): Promise<void> {
  if (fragments.length === 0) return;
  const [pointers, sealer] = await Promise.all([commit.records.pointers(fragments), commit.records.sealer()]);
  const ops: WriteOp[] = [];
  fragments.forEach((fragment, index) => {
    const [pointer, profile] = [pointers[index], commit.homeOf(fragment)];
    if (!pointer || profile === undefined || pointer.profile === profile) return;
    const item = sealer.pointer(fragment, { version: pointer.version + 1, profile }, commit.cause);
    ops.push(put(item, pointer.version));
  });
  await writeInParts(commit.table, ops);
}

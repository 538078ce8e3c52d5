import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import { StorageError } from '../errors.ts';
import type { Table, WriteOp } from '../ports.ts';
import { WRITE_BYTES_MAX, WRITE_OPS_MAX } from '../ports.ts';
import { opBytes } from '../write-rules.ts';
import { decisionKey, headKey } from './layout.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import type { Group } from './plan.ts';
import type { DirectoryRecords, RecordSealer } from './records.ts';

/** Writes that do not depend on each other are sent this many at a time. */
const PARALLEL_WRITES = 8;

/** What was planned takes more operations than one transaction has: plan less at a time. Nothing was written. */
export class PlanTooLarge extends StorageError {
  constructor() {
    super(
      'plan-too-large',
      'a set of profiles that change together takes more operations than one transaction has',
    );
  }
}

interface Commit {
  readonly table: Table;
  readonly records: DirectoryRecords;
  readonly around: Neighbourhood;
  readonly cause: string;
  /** Where fragments belong once all is written. */
  readonly homeOf: (fragment: FragmentId) => ProfileId | undefined;
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
  const free = groups.filter((group) => group.judgedBy.length === 0);
  const bound = groups
    .filter((group) => group.judgedBy.length > 0)
    .sort((x, y) => y.judgedBy.length - x.judgedBy.length);
  const changing = groups.flatMap((group) => group.steps.map(({ next }) => next.head.profileId));
  const plan: Plan = { changing: new Set(changing), written: new Map() };
  const boundBatches = pack(bound, commit, sealer, plan);
  const freeBatches = pack(free, commit, sealer, plan);
  for (let i = 0; i < freeBatches.length; i += PARALLEL_WRITES)
    await Promise.all(freeBatches.slice(i, i + PARALLEL_WRITES).map((ops) => commit.table.write(ops)));
  for (const ops of boundBatches) await commit.table.write(ops);
}

interface Plan {
  readonly changing: ReadonlySet<ProfileId>;
  /** Versions of heads in the batches so far. */
  readonly written: Map<ProfileId, number>;
}

class Batch {
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

function pack(groups: readonly Group[], commit: Commit, sealer: RecordSealer, plan: Plan): WriteOp[][] {
  const batches: Batch[] = [];
  let batch: Batch | undefined;
  for (const group of groups) {
    const checks = checkOps(group, commit, plan);
    // One place is kept for the effects. Counted before anything is sealed.
    const count = group.steps.length * 2 + group.placed.length + checks.length + 1;
    if (count > WRITE_OPS_MAX) throw new PlanTooLarge();
    const alone = stateOps(group, commit, sealer);
    const bytes = alone.reduce((sum, op) => sum + opBytes(op), 0);
    if (bytes > WRITE_BYTES_MAX / 2) throw new PlanTooLarge();
    if (!batch || batch.ops.size + count > WRITE_OPS_MAX || batch.bytes + bytes > WRITE_BYTES_MAX / 2) {
      batch = new Batch();
      batches.push(batch);
    }
    const here = batch;
    for (const op of [...alone, ...checks]) here.add(op);
    for (const { next } of group.steps) {
      plan.written.set(next.head.profileId, next.version);
      if (next.kind === 'minted') here.minted.push(next.head.profileId);
      if (next.kind === 'merged-away') here.mergedAway.push(next.head.profileId);
    }
  }
  return batches.map((full) => withEffects(full, commit.cause, sealer));
}

function withEffects(batch: Batch, cause: string, sealer: RecordSealer): WriteOp[] {
  const { minted, mergedAway } = batch;
  const ops = [...batch.ops.values()];
  // A profile that one write mints and the next merges away must not give both the same name.
  const first = mergedAway[0] === undefined ? minted[0] : `a-${mergedAway[0]}`;
  if (first === undefined) return ops;
  return [...ops, { kind: 'put', ...sealer.effects(cause, first, { minted, mergedAway }) }];
}

function stateOps(group: Group, { around, cause }: Commit, sealer: RecordSealer): WriteOp[] {
  const ops: WriteOp[] = [];
  for (const { next, previous } of group.steps) {
    const profile = next.head.profileId;
    const expect = previous?.version ?? 'absent';
    ops.push({ kind: 'put', ...sealer.decision(headKey(profile), next), expect });
    if (!previous) continue;
    const past = sealer.decision(decisionKey(profile, previous.version), previous);
    ops.push({ kind: 'put', ...past, expect: 'absent' });
  }
  for (const [fragment, profile] of group.placed) {
    const old = around.pointerOf(fragment);
    const pointer = { version: (old?.version ?? 0) + 1, profile };
    ops.push({ kind: 'put', ...sealer.pointer(fragment, pointer, cause), expect: old?.version ?? 'absent' });
  }
  return ops;
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
    ops.push({ kind: 'put', ...item, expect: pointer.version });
  });
  for (let i = 0; i < ops.length; i += WRITE_OPS_MAX)
    await commit.table.write(ops.slice(i, i + WRITE_OPS_MAX));
}

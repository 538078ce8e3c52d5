import type { MappingReplayCounts } from '../../domain/mapping/replay.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { beating, requestOf } from './common.ts';
import { planSlice } from './plan-slice.ts';
import { cameMeanwhile, correctionOf, readFragments } from './recheck.ts';
import type { ReplayMappingDeps, SlicePlan, SliceRef } from './types.ts';

/** Names a slice as the cause of what it does. */
function causeOf({ runId, slice }: SliceRef): string {
  return `mapping-replay/${runId}/${slice}`;
}

/**
 * Maps a slice of the stored items again and corrects what comes out otherwise. What it does is fixed at its first try;
 * each step of another try finds what is done already.
 */
export async function replaySliceOf(deps: ReplayMappingDeps, input: SliceRef): Promise<MappingReplayCounts> {
  const { store } = deps;
  const { runId, slice } = input;
  return beating(async () => {
    const replay = await requestOf(deps, input);
    const run = await store.mappingReplays.plan(runId);
    if (run === undefined) throw new TypeError('a slice was begun before its run was planned');
    const name = `slice/${slice}`;
    const plan =
      (await store.mappingReplays.work<SlicePlan>(runId, name)) ??
      (await store.mappingReplays.putWork(runId, name, await planSlice(store, replay, run, slice)));
    const left = await apply(store, plan, input);
    const counts = { ...plan.counts, left };
    await store.mappingReplays.putCounts(runId, slice, counts);
    return counts;
  });
}

async function apply(store: TenantStore, plan: SlicePlan, input: SliceRef): Promise<number> {
  const cause = causeOf(input);
  const effects = await store.log.correct(
    plan.corrections.map(({ node, supersedes, events }) => ({
      ...{ fragment: node.fragment, cause, supersedes, events },
    })),
  );
  await store.log.forget(plan.forget);
  const left = await correctIdentity(store, plan, input.source, cause);
  if (plan.quarantine.length > 0) await store.quarantine.add(plan.quarantine);
  if (plan.duplicates.length > 0) await store.batches.addDuplicates(plan.duplicates);
  const fragments = effects.reduce((sum, { change }) => sum + change, 0);
  await store.batches.countCorrected(cause, { ...plan.change, fragments });
  return left;
}

/** Reads, takes back, and reads again: what came between the first reading and the taking back is told once more. */
async function correctIdentity(
  store: TenantStore,
  { corrections, pairs, blocked: names }: SlicePlan,
  source: string,
  cause: string,
): Promise<number> {
  if (corrections.length === 0) return 0;
  const nodes = corrections.map(({ node }) => node);
  const ends = [...nodes, ...pairs.flat()].map(({ fragment }) => fragment);
  const read = await readFragments(store, ends);
  const blocked = new Set(names);
  const done = await store.directory.correct(
    correctionOf(store, { source, nodes, pairs, blocked }, read),
    cause,
  );
  await store.batches.countDecided(cause, done.minted.length - done.mergedAway.length);
  const told = await cameMeanwhile(store, read, source);
  if (told.nodes.length > 0) {
    const again = `${cause}/again`;
    const { minted, mergedAway } = await store.directory.resolve(told, again);
    await store.batches.countDecided(again, minted.length - mergedAway.length);
  }
  return done.left;
}

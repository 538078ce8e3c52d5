import { Context } from '@temporalio/activity';
import type { Isolation } from '../../domain/identity/isolation.ts';
import { workFor } from './judge-tenant.ts';
import { beating, simulationOf } from './steps.ts';
import type { BatchInput, ReplayDeps, RoundInput, RoundPlan } from './types.ts';

/** Sets of profiles that one activity judges anew: seconds of work. */
const BATCH_REGIONS = 200;

/** Names a round's work; a step of another kind has its own. */
function workName({ step, round }: RoundInput): string {
  return `${step}-${round}`;
}

/** Compares all profiles with the rules in force, and keeps what differs as batches of work. Again does the same. */
export async function planRejudging(deps: ReplayDeps, input: RoundInput): Promise<RoundPlan> {
  await simulationOf(deps, input);
  const { store } = deps;
  const rules = (await store.registry.config()).identity;
  let profiles = 0;
  return beating(async () => {
    const regions = await workFor(store, {
      rules,
      signal: Context.current().cancellationSignal,
      onRead: (count) => {
        profiles = count;
      },
    });
    const batches = Math.ceil(regions.length / BATCH_REGIONS);
    for (let batch = 0; batch < batches; batch++) {
      const part = regions.slice(batch * BATCH_REGIONS, (batch + 1) * BATCH_REGIONS);
      await store.simulations.putWork(input.simulationId, workName(input), batch, part);
    }
    return { profiles, regions: regions.length, batches };
  });
}

/**
 * Judges one batch of sets of profiles anew, each in a transaction of its own, or in steps where it is large: a crash
 * leaves some done and some not, and another try finds those that are done as they should be.
 */
export async function rejudgeBatch(
  deps: ReplayDeps,
  input: BatchInput,
): Promise<{ done: number; left: number }> {
  const context = Context.current();
  const { store } = deps;
  const regions = await store.simulations.work(input.simulationId, workName(input), input.batch);
  let done = 0;
  let left = 0;
  return beating(async () => {
    for (const [index, { fragments, isolated }] of (regions ?? []).entries()) {
      context.cancellationSignal.throwIfAborted();
      // Sound: the reasons are those that judging wrote.
      const alone = new Map(isolated.map(([fragment, reason]) => [fragment, reason as Isolation]));
      const cause = `${input.simulationId}/${workName(input)}/${input.batch}/${index}`;
      if (await store.directory.rejudge({ fragments, isolated: alone }, cause)) done++;
      else left++;
    }
    return { done, left };
  });
}

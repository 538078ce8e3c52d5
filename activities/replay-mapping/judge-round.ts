import { Context } from '@temporalio/activity';
import type { Isolation } from '../../domain/identity/isolation.ts';
import type { RegionWork } from '../../storage/simulations/types.ts';
import { workFor } from '../replay-rules/judge-tenant.ts';
import { beating } from './common.ts';
import type { JudgeRoundRef, ReplayMappingDeps } from './types.ts';

/**
 * Compares all profiles with the rules in force, and judges anew what differs: an identifier that stood by itself for a
 * crowd of evidence may be somebody's again. Each region is found once and judged however often that takes.
 */
export async function judgeRoundOf(
  { store }: ReplayMappingDeps,
  { runId, round }: JudgeRoundRef,
): Promise<{ readonly regions: number; readonly left: number }> {
  const { cancellationSignal: signal } = Context.current();
  const name = `judge/${round}`;
  return beating(async () => {
    const rules = (await store.registry.config()).identity;
    const regions =
      (await store.mappingReplays.work<readonly RegionWork[]>(runId, name)) ??
      (await store.mappingReplays.putWork(
        runId,
        name,
        await workFor(store, { rules, signal, onRead: () => undefined }),
      ));
    let left = 0;
    for (const [at, { fragments, isolated }] of regions.entries()) {
      signal.throwIfAborted();
      // Sound: the reasons are those that judging wrote.
      const alone = new Map(isolated.map(([fragment, reason]) => [fragment, reason as Isolation]));
      const cause = `mapping-replay/${runId}/${name}/${at}`;
      if (!(await store.directory.rejudge({ fragments, isolated: alone }, cause))) left += 1;
      const { minted, mergedAway } = await store.directory.resolve({ nodes: [], evidence: [] }, cause);
      await store.batches.countDecided(cause, minted.length - mergedAway.length);
    }
    return { regions: regions.length, left };
  });
}

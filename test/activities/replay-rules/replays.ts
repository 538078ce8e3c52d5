import assert from 'node:assert/strict';
import { createRuleReplayActivities } from '../../../activities/replay-rules/index.ts';
import type { ReplayStep } from '../../../domain/identity/replay.ts';
import type { IdentityRules } from '../../../domain/identity/rule-types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { TENANT, runActivity } from '../tenant.ts';

/** Who is with whom: the identifiers of each profile. */
export async function partitionOf(store: TenantStore): Promise<string[]> {
  const groups: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await store.directory.heads({ limit: 100, ...(after === undefined ? {} : { after }) });
    for (const { members } of page.heads)
      groups.push(
        members
          .map(({ fragment }) => fragment)
          .sort()
          .join(' '),
      );
    if (page.next === null) return groups.sort();
    after = page.next;
  }
}

/** Asks for a simulation of changed rules. */
export async function ask(
  store: TenantStore,
  simulationId: string,
  change: Partial<IdentityRules>,
): Promise<void> {
  const base = (await store.registry.config()).identity;
  await store.simulations.add({
    simulationId,
    status: 'simulating',
    base,
    candidate: { ...base, ...change },
    requestedAt: new Date().toISOString(),
    actor: 'tester',
  });
}

/** A step as its workflow runs it. */
export async function run(store: TenantStore, simulationId: string, step: ReplayStep): Promise<number> {
  const activities = createRuleReplayActivities({ store, settleMs: 0 });
  const at = { tenant: TENANT, simulationId, step };
  await runActivity(() => activities.beginStep(at));
  let regions = 0;
  if (step === 'simulate') await runActivity(() => activities.simulateRules(at));
  else
    for (let round = 1; ; round++) {
      assert.ok(round < 5, 'a promotion that finds no end');
      const plan = await runActivity(() => activities.planRejudging({ ...at, round }));
      if (plan.regions === 0) break;
      regions += plan.regions;
      for (let batch = 0; batch < plan.batches; batch++)
        assert.equal((await runActivity(() => activities.rejudgeBatch({ ...at, round, batch }))).left, 0);
    }
  await runActivity(() => activities.finishStep(at));
  return regions;
}

/** Addresses differ between tenants: how many fragments are together does not. */
export function sizes(groups: readonly string[]): number[] {
  return groups.map((group) => group.split(' ').length).sort((x, y) => x - y);
}

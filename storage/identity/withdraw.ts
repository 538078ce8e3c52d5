import type { GraphNode } from '../../domain/identity/evidence.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { PlanTooLarge } from './commit.ts';
import { createNeighbourhood } from './neighbourhood.ts';
import { apartLoader, planOf, retrying, store } from './resolve.ts';
import type { Resolver } from './resolve.ts';
import { carryOut } from './steps.ts';
import { applyWithdrawal, createView } from './view.ts';
import type { View, Withdrawal } from './view.ts';

/** Takes evidence back in one transaction for each set of profiles. Throws `PlanTooLarge`. */
export async function withdraw(
  resolver: Resolver,
  withdrawals: readonly Withdrawal[],
  cause: string,
): Promise<void> {
  await retrying(async () => {
    const view = await located(resolver, withdrawals, []);
    // Each profile that is judged takes an operation.
    const profilesMax = resolver.opsMax;
    for (const withdrawal of withdrawals)
      if (!(await applyWithdrawal(view, withdrawal, { profilesMax }))) throw new PlanTooLarge();
    const { graph } = view;
    await store(resolver, planOf(resolver, view, graph, view.clusters(), cause), graph.rules);
  });
}

/**
 * Takes evidence back whatever the size of the set of profiles that hangs on it, in steps; false where a profile would be
 * larger than one may be. Cut short, it has to be asked for again: the evidence then is as it is to be, and a set of which
 * a part is not found any more differs from the rules, which is what all profiles are compared with at a run's end.
 */
export async function withdrawInSteps(
  resolver: Resolver,
  withdrawal: Withdrawal,
  cause: string,
): Promise<boolean> {
  // Parts of it have nothing to do with each other on the way, so that none would lead to the others.
  const along = new Map<FragmentId, GraphNode>();
  const judged = async (): Promise<View> => {
    const view = await located(resolver, [withdrawal], [...along.values()]);
    await applyWithdrawal(view, withdrawal, { along: [...along.values()] });
    for (const { members } of view.clusters())
      for (const node of members.values()) along.set(node.fragment, node);
    return view;
  };
  return carryOut(resolver, { judged, withdrawn: withdrawal.withdrawn.pairs }, cause);
}

/** A view in which all that withdrawals name can be shown. */
async function located(
  resolver: Resolver,
  withdrawals: readonly Withdrawal[],
  along: readonly GraphNode[],
): Promise<View> {
  const rules = await resolver.rules();
  const around = createNeighbourhood(resolver.records);
  const nodes = [...withdrawals.flatMap(({ withdrawn }) => withdrawn.nodes), ...along];
  await around.locate(nodes.map(({ fragment }) => fragment));
  return createView(rules, around, new Map(), apartLoader(resolver));
}

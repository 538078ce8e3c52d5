import { createGraph } from '../../domain/identity/graph.ts';
import { ProfileTooLarge } from './codec.ts';
import { PlanTooLarge } from './commit.ts';
import { planOf, retrying, store } from './resolve.ts';
import type { Resolver } from './resolve.ts';
import { nextStage } from './stages.ts';
import type { View } from './view.ts';

/** Most profiles that one step joins or makes: each takes its head, its decision before and some room for the rest. */
const STEP_PROFILES_MAX = 45;
/** Two large profiles always fit a transaction: what they hold is in pages. */
const STEP_PROFILES_MIN = 2;

/** What is carried out in steps. */
export interface Stepwise {
  /** Profiles as they are stored, and in the view's graph as they are to be; asked anew before every step. */
  readonly judged: () => Promise<View>;
  /** Pairs of which profiles on the way say what the view's graph does, whatever heads say. */
  readonly withdrawn?: ReadonlySet<string>;
}

/**
 * Brings profiles to what they are to be, in one transaction or, where that takes more, in steps. Every step judges them
 * again, so it does not matter what others did meanwhile, nor whether a step before was cut short. False where a profile
 * would be larger than one may be: some steps may then have been taken.
 */
export async function carryOut(resolver: Resolver, work: Stepwise, cause: string): Promise<boolean> {
  try {
    await retrying(() => inOneGo(resolver, work, cause));
    return true;
  } catch (error) {
    if (error instanceof ProfileTooLarge) return false;
    if (!(error instanceof PlanTooLarge)) throw error;
  }
  for (let most = STEP_PROFILES_MAX; most >= STEP_PROFILES_MIN; most = Math.floor(most / 2)) {
    try {
      while (!(await retrying(() => oneStep(resolver, work, cause, most))));
      return true;
    } catch (error) {
      if (error instanceof ProfileTooLarge) return false;
      if (!(error instanceof PlanTooLarge)) throw error;
    }
  }
  return false;
}

async function inOneGo(resolver: Resolver, { judged }: Stepwise, cause: string): Promise<void> {
  const view = await judged();
  const { graph } = view;
  await store(resolver, planOf(resolver, view, graph, view.clusters(), cause), graph.rules);
}

/** Brings the profiles a step nearer to what they are to be; true where they are there. */
async function oneStep(
  resolver: Resolver,
  { judged, withdrawn }: Stepwise,
  cause: string,
  most: number,
): Promise<boolean> {
  const view = await judged();
  const { rules } = view.graph;
  const { clusters, isLast } = nextStage(view, most, withdrawn);
  const graph = createGraph(rules);
  for (const cluster of clusters) graph.place(cluster);
  await store(resolver, planOf(resolver, view, graph, clusters, cause), rules);
  return isLast;
}

import type { IdentityRules } from '../../domain/identity/evidence.ts';
import { createGraph } from '../../domain/identity/graph.ts';
import { ProfileTooLarge } from './codec.ts';
import { PlanTooLarge } from './commit.ts';
import { createNeighbourhood } from './neighbourhood.ts';
import { apartLoader, planOf, retrying, store } from './resolve.ts';
import type { Resolver } from './resolve.ts';
import { nextStage } from './stages.ts';
import type { RejudgedRegion } from './types.ts';
import { applyRegion, createView } from './view.ts';
import type { View } from './view.ts';

/** Most profiles that one step joins or makes: each takes its head, its decision before and some room for the rest. */
const STEP_PROFILES_MAX = 45;
/** Two large profiles always fit a transaction: what they hold is in pages. */
const STEP_PROFILES_MIN = 2;

/** See `ProfileDirectory.rejudge`. */
export async function rejudge(resolver: Resolver, region: RejudgedRegion, cause: string): Promise<boolean> {
  const rules = await resolver.rules();
  try {
    await retrying(() => inOneGo(resolver, rules, region, cause));
    return true;
  } catch (error) {
    if (error instanceof ProfileTooLarge) return false;
    if (!(error instanceof PlanTooLarge)) throw error;
  }
  for (let most = STEP_PROFILES_MAX; most >= STEP_PROFILES_MIN; most = Math.floor(most / 2)) {
    try {
      while (!(await retrying(() => oneStep(resolver, rules, region, cause, most))));
      return true;
    } catch (error) {
      if (error instanceof ProfileTooLarge) return false;
      if (!(error instanceof PlanTooLarge)) throw error;
    }
  }
  return false;
}

/** The region as it is stored, and in the view's graph as it is to be. */
async function judged(resolver: Resolver, rules: IdentityRules, region: RejudgedRegion): Promise<View> {
  const view = createView(rules, createNeighbourhood(resolver.records), new Map(), apartLoader(resolver));
  await applyRegion(view, region);
  return view;
}

async function inOneGo(
  resolver: Resolver,
  rules: IdentityRules,
  region: RejudgedRegion,
  cause: string,
): Promise<void> {
  const view = await judged(resolver, rules, region);
  await store(resolver, planOf(resolver, view, view.graph, view.clusters(), cause), rules);
}

/**
 * Brings the region a step nearer to what it is to be; true where it is there. Every step judges it again, so it does not
 * matter what others did meanwhile, nor whether a step before was cut short.
 */
async function oneStep(
  resolver: Resolver,
  rules: IdentityRules,
  region: RejudgedRegion,
  cause: string,
  most: number,
): Promise<boolean> {
  const view = await judged(resolver, rules, region);
  const { clusters, isLast } = nextStage(view, most);
  const graph = createGraph(rules);
  for (const cluster of clusters) graph.place(cluster);
  await store(resolver, planOf(resolver, view, graph, clusters, cause), rules);
  return isLast;
}

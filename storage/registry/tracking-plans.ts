import { planProblems } from '../../domain/tracking/problems.ts';
import { planDefinitionSchema } from '../../domain/tracking/schema.ts';
import type { PlanDefinition, TrackingPlan } from '../../domain/tracking/types.ts';
import { cachedRead } from './cached-read.ts';
import type { Documents } from './documents.ts';
import { InvalidConfig } from './errors.ts';

const PLANS = 'tracking-plans';

/** A version of a plan and when it was stored. */
export interface PlanVersion {
  readonly plan: TrackingPlan;
  readonly recordedAt: string;
}

/** A tenant's tracking plans. Reads are cached for at most a second. */
export interface TrackingPlans {
  /** The newest version of each. */
  all(): Promise<TrackingPlan[]>;
  /** `name` for the newest version, or `name@version`. */
  get(ref: string): Promise<TrackingPlan | undefined>;
  /** Oldest first. */
  versions(name: string): Promise<PlanVersion[]>;
  /** The plan of a source; the same object for the same version. */
  of(source: string): Promise<TrackingPlan | undefined>;
  /** Stores a new version. Throws `InvalidConfig` for a plan that can't be used, or whose source has another plan. */
  put(definition: PlanDefinition): Promise<TrackingPlan>;
}

/** Keeps every version of a plan as a document. `now` is in milliseconds. */
export function createTrackingPlans(documents: Documents, now: () => number): TrackingPlans {
  // Versions never change, so that what was compiled from one stays good.
  const known = new Map<string, TrackingPlan>();
  const same = (plan: TrackingPlan): TrackingPlan => {
    const ref = `${plan.name}@${plan.version}`;
    const before = known.get(ref);
    if (before !== undefined) return before;
    known.delete(`${plan.name}@${plan.version - 1}`);
    known.set(ref, plan);
    return plan;
  };
  const stored = cachedRead(async () => {
    const plans = (await documents.list<TrackingPlan>(PLANS)).map(({ document }) => same(document));
    const bySource = new Map(plans.flatMap((plan) => plan.sources.map((source) => [source, plan] as const)));
    return { plans, bySource };
  }, now);

  async function versions(name: string): Promise<PlanVersion[]> {
    const events = await documents.history<TrackingPlan>(PLANS, name);
    return events.map(({ document, recordedAt }) => ({ plan: document, recordedAt }));
  }

  return {
    all: async () => (await stored.get()).plans,
    of: async (source) => (await stored.get()).bySource.get(source),
    versions,
    async get(ref) {
      const [name = '', version] = ref.split('@');
      const newest = (await stored.get()).plans.find((plan) => plan.name === name);
      if (newest === undefined || version === undefined || String(newest.version) === version) return newest;
      return (await versions(name)).find(({ plan }) => String(plan.version) === version)?.plan;
    },
    async put(definition) {
      checkPlan(definition);
      stored.forget();
      const { plans, bySource } = await stored.get();
      for (const source of definition.sources) {
        const other = bySource.get(source);
        if (other !== undefined && other.name !== definition.name)
          throw new InvalidConfig(
            'sources',
            `${source} has the plan ${other.name}; take it out of that one first`,
          );
      }
      const before = plans.find(({ name }) => name === definition.name);
      const after: TrackingPlan = { ...definition, version: (before?.version ?? 0) + 1 };
      await documents.put(PLANS, after.name, after.version, after);
      stored.forget();
      return same(after);
    },
  };
}

function checkPlan(definition: PlanDefinition): void {
  const parsed = planDefinitionSchema.safeParse(definition);
  const issue = parsed.error?.issues[0];
  if (issue !== undefined) throw new InvalidConfig(issue.path.join('.') || 'plan', issue.message);
  const [problem] = planProblems(definition);
  if (problem !== undefined) throw new InvalidConfig(problem.path, `expected ${problem.expected}`);
}

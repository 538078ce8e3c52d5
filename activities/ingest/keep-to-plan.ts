import type { CanonicalEvent } from '../../domain/ingestion/event.ts';
import { compilePlan, type CompiledPlan } from '../../domain/tracking/compile.ts';
import { stricter, type PlanMode, type TrackingPlan, type Violation } from '../../domain/tracking/types.ts';
import type { QuarantineReason } from '../../storage/intake/types.ts';

/** Violations that a reason names; more are in the list of violations. */
const NAMED_MAX = 5;

/** How the events of one item break the plan of their source. */
export interface ItemJudgement {
  /** `name@version`. */
  readonly plan: string;
  readonly mode: PlanMode;
  readonly violations: readonly Violation[];
}

const compiled = new WeakMap<TrackingPlan, CompiledPlan>();

function compile(plan: TrackingPlan): CompiledPlan {
  let known = compiled.get(plan);
  if (known === undefined) compiled.set(plan, (known = compilePlan(plan)));
  return known;
}

/** Judges the events of an item by the plan of their source; undefined where they keep to it, or there is none. */
export function judgeItem(
  plan: TrackingPlan | undefined,
  events: readonly CanonicalEvent[],
): ItemJudgement | undefined {
  if (plan === undefined) return undefined;
  const used = compile(plan);
  let judged: ItemJudgement | undefined;
  for (const event of events) {
    const found = used.judge(event);
    if (found === undefined) continue;
    judged =
      judged === undefined
        ? { plan: used.ref, ...found }
        : {
            plan: used.ref,
            mode: stricter(judged.mode, found.mode),
            violations: [...judged.violations, ...found.violations],
          };
  }
  return judged;
}

/** Why an item that breaks its plan is held; names fields, holds no values. */
export function planReason({ plan, violations }: ItemJudgement): QuarantineReason {
  const named = violations
    .slice(0, NAMED_MAX)
    .map(({ path, expected }) => (path === '' ? expected : `${path}: ${expected}`));
  const more = violations.length > NAMED_MAX ? [`and ${violations.length - NAMED_MAX} more`] : [];
  return {
    code: 'plan-violation',
    detail: `${[...named, ...more].join('; ')}; correct the item, or the tracking plan ${plan}, then release it`,
  };
}

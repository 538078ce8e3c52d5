import { clearJunk, junkOfModel } from './junk.ts';
import { Preparer } from './prepare.ts';
import type { LinkageModel, PersonRecord, Waterfall } from './types.ts';
import { Weigher, logOdds, probability } from './weigh.ts';

/**
 * Why two records are, or are not, taken for the same person: how each comparison moves the weight, in the model's order,
 * from the prior to the total. The steps add up to the total exactly.
 */
export function waterfall(model: LinkageModel, a: PersonRecord, b: PersonRecord): Waterfall {
  const preparer = new Preparer({ other: model.other });
  preparer.add(a);
  preparer.add(b);
  const prepared = preparer.view();
  for (const at of [0, 1]) clearJunk(prepared, junkOfModel(model), at);
  return waterfallOf(new Weigher(prepared, model), 0, 1);
}

/** The same for two records, by index, of a set that is being weighed. */
export function waterfallOf(weigher: Weigher, a: number, b: number): Waterfall {
  const logs = weigher.prior();
  const prior = logOdds(logs.same, logs.household, logs.unrelated);
  let total = prior;
  const steps = weigher.explain(a, b).map((step, k) => {
    logs.same += step.logs.same;
    logs.household += step.logs.household;
    logs.unrelated += step.logs.unrelated;
    const now = logOdds(logs.same, logs.household, logs.unrelated);
    const weight = now - total;
    total = now;
    return { comparison: weigher.comparisons[k]?.name ?? '', level: step.level, weight };
  });
  return { prior, steps, total, probability: probability(total) };
}

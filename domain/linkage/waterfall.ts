import { clearJunk, junkOfModel } from './junk.ts';
import { Preparer } from './prepare.ts';
import type { LinkageModel, PersonRecord, Waterfall } from './types.ts';
import { Weigher, frequencyTables, logOdds, probability, type FrequencyTables } from './weigh.ts';

/**
 * Why two records are, or are not, taken for the same person: how each comparison moves the weight, in the model's order,
 * from the prior to the total. The steps add up to the total exactly. `tables` saves making them for each pair.
 */
export function waterfall(
  model: LinkageModel,
  a: PersonRecord,
  b: PersonRecord,
  tables: FrequencyTables = frequencyTables(model),
): Waterfall {
  const preparer = new Preparer({ other: model.other });
  preparer.add(a);
  preparer.add(b);
  const prepared = preparer.view();
  for (const at of [0, 1]) clearJunk(prepared, junkOfModel(model), at);
  const weigher = new Weigher(prepared, model, tables);
  const logs = weigher.prior();
  const prior = logOdds(logs.same, logs.household, logs.unrelated);
  let total = prior;
  const steps = weigher.explain(0, 1).map((step, k) => {
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

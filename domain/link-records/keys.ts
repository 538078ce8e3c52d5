import { blockingRules, keysOf } from '../linkage/blocking/rules.ts';
import { junkOfModel, withoutJunk } from '../linkage/junk.ts';
import { usedRules } from '../linkage/score.ts';
import type { LinkageModel, Prepared } from '../linkage/index.ts';

/**
 * The blocking keys of each record under a model, by the rule and a hash of the values: records that share one are
 * compared. The same as in a batch, whatever else is prepared with them.
 */
export function blockingKeys(prepared: Prepared, model: LinkageModel): string[][] {
  const useful = withoutJunk(prepared, junkOfModel(model));
  const used = usedRules(model);
  const keys: string[][] = Array.from({ length: prepared.size }, () => []);
  for (const rule of blockingRules(model.other)) {
    if (!used.has(rule.name)) continue;
    const hashes = keysOf(useful, rule);
    for (const [at, own] of keys.entries())
      if (hashes[at] !== 0) own.push(`${rule.name}:${String(hashes[at])}`);
  }
  return keys;
}

import { blockingRules, keysOf } from '../linkage/blocking/rules.ts';
import { junkOfModel, withoutJunk } from '../linkage/junk.ts';
import { Preparer } from '../linkage/index.ts';
import type { LinkageModel, PersonRecord } from '../linkage/index.ts';
import { usedRules } from '../linkage/score.ts';

/** A record's blocking keys. */
export interface KeyedRecord {
  readonly id: string;
  readonly keys: readonly string[];
}

/**
 * The blocking keys of records under a model, by the rule and a hash of the values: records that share one are compared.
 * The same as in a batch, whatever else is prepared with them.
 */
export function blockingKeys(records: Iterable<PersonRecord>, model: LinkageModel): KeyedRecord[] {
  const preparer = new Preparer({ other: model.other });
  for (const record of records) preparer.add(record);
  const prepared = withoutJunk(preparer.finish(), junkOfModel(model));
  const used = usedRules(model);
  const keys: string[][] = Array.from({ length: prepared.size }, () => []);
  for (const rule of blockingRules(model.other)) {
    if (!used.has(rule.name)) continue;
    const hashes = keysOf(prepared, rule);
    for (const [at, own] of keys.entries())
      if (hashes[at] !== 0) own.push(`${rule.name}:${String(hashes[at])}`);
  }
  return keys.map((own, at) => ({ id: prepared.ids[at] ?? '', keys: own }));
}

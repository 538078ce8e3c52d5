import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { BatchOutcome } from '../../storage/intake/types.ts';
import { bisect, type Part } from './bisect.ts';
import { settle, type Effects } from './outcome.ts';
import { patiently, type Patience } from './patience.ts';
import type { IngestContext, Unit, UnitItem } from './types.ts';
import { writeItems, type Written } from './write-unit.ts';

/**
 * What tries that crashed did to identity. Batches may have come since and changed which one names the unit, so every
 * batch of it is asked for; only where the log shows that there was such a try, or where one failed within this.
 */
async function effectsOfEarlierTries(
  { store }: IngestContext,
  unit: Unit,
  parts: readonly Part<UnitItem, Written>[],
): Promise<Effects[]> {
  if (!parts.some((part) => part.kind === 'poison' || part.result.resumed)) return [];
  return Promise.all(
    unit.headers.map((header) => store.directory.resolve({ nodes: [], evidence: [] }, header.batchId)),
  );
}

/**
 * Takes a unit from its items to completed batches: the log, identity, quarantine and the list of duplicates, and
 * last, in one transaction, the pending entries and the counts. A crash between any two steps is made good by running
 * it again. Waits while the store can't answer; throws `Interrupted` when it is to stop waiting.
 */
export async function processUnit(
  deps: IngestContext,
  unit: Unit,
  patience: Patience,
): Promise<readonly BatchOutcome[]> {
  const { store, observer } = deps;
  const cause = unit.headers[0]?.batchId;
  if (cause === undefined) return [];
  const bornIn = new Map<FragmentId, string>();
  const parts = await bisect(unit.items, (items) =>
    patiently(patience, () => writeItems(deps, items, { cause, signal: patience.signal, bornIn })),
  );
  for (const part of parts) {
    if (part.kind === 'poison')
      observer.poison(part.item.header.source, part.item.header.batchId, part.item.index, part.error);
  }
  const earlier = await patiently(patience, () => effectsOfEarlierTries(deps, unit, parts));
  const result = settle(unit.headers, parts, { cause, earlier, bornIn, now: new Date().toISOString() });
  if (result.quarantine.length > 0) await patiently(patience, () => store.quarantine.add(result.quarantine));
  if (result.duplicates.length > 0)
    await patiently(patience, () => store.batches.addDuplicates(result.duplicates));
  await Promise.all(
    result.files.map(({ file, outcome, errors }) => {
      const { stored, duplicates, quarantined, reasons } = outcome;
      const counts = {
        ...{ stored, duplicates, quarantined, errors },
        ...(reasons === undefined ? {} : { reasons }),
      };
      return patiently(patience, () => store.imports.putOutcome(file, outcome.header.batchId, counts));
    }),
  );
  await patiently(patience, () => store.batches.complete(result.outcomes));
  deps.quality.note(unit.headers[0]?.source ?? '', parts);
  return result.outcomes;
}

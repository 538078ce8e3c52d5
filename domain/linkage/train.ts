import { candidatesOf, type Candidates } from './blocking/candidates.ts';
import { chanceOf } from './chance.ts';
import { comparisonsOf, type Comparison } from './compare/comparisons.ts';
import { estimate, type Parameters, type PatternCounts } from './em.ts';
import { frequenciesOf } from './frequencies.ts';
import { junkOf, withoutJunk, type Junk } from './junk.ts';
import { Patterns } from './patterns.ts';
import { columnOf, type Prepared } from './prepare.ts';
import type { BlockingCount, ComparisonParameters, LinkageModel, RefusalReason, Training } from './types.ts';

/** Learns from a set, without labels, how people's records agree and differ. Refuses sets that teach nothing. */
export function train(raw: Prepared): Training {
  if (raw.size < 2) return refuse('too-few-records', 'Linking takes at least two records.');
  const junk = junkOf(raw);
  const prepared = withoutJunk(raw, junk);
  const other = [...prepared.other.keys()];
  const comparisons = comparisonsOf(prepared, other);
  const useless = uselessness(prepared, comparisons);
  if (useless) return useless;
  const candidates = candidatesOf(prepared);
  if (candidates.length === 0) return nothingProposed(candidates.counts);
  const estimated = estimate(
    countPatterns(candidates, comparisons),
    comparisons,
    chanceOf(prepared, comparisons),
    (prepared.size * (prepared.size - 1)) / 2,
    prepared.size,
  );
  return {
    ok: true,
    model: {
      ...{ version: 1, records: prepared.size, other },
      comparisons: describe(comparisons, estimated.parameters),
      prior: {
        same: estimated.parameters.priorSame,
        household: estimated.parameters.priorHousehold,
      },
      frequencies: Object.fromEntries(
        comparisons.flatMap(({ frequency }) =>
          frequency ? [[frequency.field, frequenciesOf(prepared, frequency.field)]] : [],
        ),
      ),
      junk: junkLists(junk),
      ...{ blocking: candidates.counts, iterations: estimated.iterations, converged: estimated.converged },
    } satisfies LinkageModel,
  };
}

function countPatterns(candidates: Candidates, comparisons: readonly Comparison[]): PatternCounts {
  const patterns = new Patterns(comparisons);
  for (let at = 0; at < candidates.length; at += 1)
    patterns.take(candidates.a[at] as number, candidates.b[at] as number);
  const levels = new Uint8Array(patterns.size * comparisons.length);
  for (let pattern = 0; pattern < patterns.size; pattern += 1)
    levels.set(patterns.levels(pattern), pattern * comparisons.length);
  return { size: patterns.size, counts: patterns.counts, levels };
}

function describe(comparisons: readonly Comparison[], parameters: Parameters): ComparisonParameters[] {
  return comparisons.map(({ name, levels }, k) => ({
    name,
    levels: levels.slice(1).map((level, at) => ({
      level,
      same: parameters.same[k]?.[at + 1] ?? 0,
      household: parameters.household[k]?.[at + 1] ?? 0,
      unrelated: parameters.unrelated[k]?.[at + 1] ?? 0,
    })),
  }));
}

function junkLists(junk: Junk): LinkageModel['junk'] {
  return Object.fromEntries([...junk].map(([field, hashes]) => [field, [...hashes].sort((x, y) => x - y)]));
}

/** Sets in which no field has values, or every field has one value only. */
function uselessness(prepared: Prepared, comparisons: readonly Comparison[]): Training | undefined {
  const fields = [
    ...comparisons.flatMap(({ frequency }) => frequency?.field ?? []),
    'street',
    'postcode',
    'city',
  ];
  const columns = fields.map((field) => columnOf(prepared, field));
  if (columns.every((column) => column.every((value) => value === 0)))
    return refuse(
      'nothing-to-compare',
      'No record has a value in any field that is compared; check the mapping.',
    );
  if (columns.every((column) => column.every((value) => value === column[0])))
    return refuse(
      'all-alike',
      'All records have the same values: nothing tells people apart. Check the mapping, or import more fields.',
    );
  return undefined;
}

function nothingProposed(counts: readonly BlockingCount[]): Training {
  const worst = counts.reduce((most, count) => (count.refusedPairs > most.refusedPairs ? count : most));
  if (worst.refusedPairs === 0)
    return refuse(
      'nothing-in-common',
      'No two records agree on the fields of any blocking rule: there is nothing to link.',
      counts,
    );
  return refuse(
    'blocks-too-large',
    `Too many records share one key: "${worst.rule}" alone would make ${worst.refusedPairs} pairs, which is not attempted. ` +
      'Leave out values that stand for nothing, or import fields that differ more.',
    counts,
  );
}

function refuse(reason: RefusalReason, message: string, blocking: readonly BlockingCount[] = []): Training {
  return { ok: false, refusal: { reason, message, blocking } };
}

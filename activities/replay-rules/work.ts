import type { WholeGraph } from '../../domain/identity/whole/columns.ts';
import type { Difference } from '../../domain/identity/whole/compare.ts';
import type { WholePartition } from '../../domain/identity/whole/judge.ts';
import type { RegionWork } from '../../storage/simulations/types.ts';

/** The regions that differ from what is stored, and fragments that are to stand by themselves and do not say so yet. */
export function workOf(graph: WholeGraph, judged: WholePartition, difference: Difference): RegionWork[] {
  const { isolated } = judged;
  const covered = new Set<number>();
  const regions = difference.regions.map(({ parts }): RegionWork => {
    const fragments = parts.flat();
    for (const fragment of fragments) covered.add(fragment);
    return work(graph, fragments, (fragment) => isolated.get(fragment));
  });
  for (const [fragment, reason] of isolated) {
    if (covered.has(fragment) || graph.profileOf.at(fragment) < 0) continue;
    if (graph.isolated.get(fragment) !== reason) regions.push(work(graph, [fragment], () => reason));
  }
  // What stood by itself and need not any more, though nothing is joined to it.
  for (const fragment of graph.isolated.keys())
    if (!covered.has(fragment) && !isolated.has(fragment))
      regions.push(work(graph, [fragment], () => undefined));
  return regions;
}

function work(
  graph: WholeGraph,
  fragments: readonly number[],
  reasonOf: (fragment: number) => string | undefined,
): RegionWork {
  const isolated: (readonly [string, string])[] = [];
  for (const fragment of fragments) {
    const reason = reasonOf(fragment);
    if (reason !== undefined) isolated.push([graph.fragments.at(fragment), reason]);
  }
  return { fragments: fragments.map((fragment) => graph.fragments.at(fragment)), isolated };
}

import { crowdOf, isolatesAfter } from '../isolation.ts';
import type { Isolation } from '../isolation.ts';
import type { IdentityRules } from '../rule-types.ts';
import type { WholeGraph } from './columns.ts';

/** Which fragments stand by themselves, given all evidence. See `isolationOf`. */
export function isolatedIn(
  graph: WholeGraph,
  rules: IdentityRules,
  blocked: ReadonlySet<number>,
): Map<number, Isolation> {
  const found = new Map<number, Isolation>();
  for (const fragment of blocked) found.set(fragment, 'blocked');
  for (const [fragment, partners] of suspectsOf(graph, rules, blocked)) {
    if (found.has(fragment)) continue;
    const counts = new Map<string, number>();
    for (const partner of partners) {
      const type = graph.types.at(graph.typeOf.at(partner));
      counts.set(type, (counts.get(type) ?? 0) + 1);
    }
    const type = graph.types.at(graph.typeOf.at(fragment));
    const isolation = crowdOf(type, (partner) => counts.get(partner) ?? 0, counts.keys(), rules);
    if (isolation !== undefined) found.set(fragment, isolation);
  }
  return found;
}

/** The different partners of every fragment that so many pieces are about that it might be isolated. */
function suspectsOf(
  graph: WholeGraph,
  rules: IdentityRules,
  blocked: ReadonlySet<number>,
): Map<number, Set<number>> {
  const [a, b] = [graph.a.view(), graph.b.view()];
  // What a blocked value was seen with says nothing of the others.
  const tells = (piece: number): boolean =>
    graph.pieces[piece]?.rule === 'same-event' &&
    !(blocked.size > 0 && (blocked.has(a[piece] ?? 0) || blocked.has(b[piece] ?? 0)));
  const degree = new Uint32Array(graph.fragments.all.length);
  for (let i = 0; i < a.length; i++) {
    if (!tells(i)) continue;
    bump(degree, a[i] ?? 0);
    bump(degree, b[i] ?? 0);
  }
  const after = graph.types.all.map((type) => isolatesAfter(type, rules));
  const suspects = new Map<number, Set<number>>();
  for (const [fragment, pieces] of degree.entries())
    if (pieces > (after[graph.typeOf.at(fragment)] ?? Infinity)) suspects.set(fragment, new Set());
  if (suspects.size === 0) return suspects;
  for (let i = 0; i < a.length; i++) {
    if (!tells(i)) continue;
    suspects.get(a[i] ?? 0)?.add(b[i] ?? 0);
    suspects.get(b[i] ?? 0)?.add(a[i] ?? 0);
  }
  return suspects;
}

function bump(counts: Uint32Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}

import { compareText } from '../canonical.ts';
import type { Component, Evidence, GraphNode, IdentityRules, Partition, Refusal } from './evidence.ts';
import type { FragmentId } from './identifier.ts';
import { aggregate, compareEvidence, nodesOf } from './order.ts';
import { addRuling, pairRulings } from './ruling.ts';
import type { Marks, Ruling } from './ruling.ts';
import { UnionFind, violation } from './union.ts';

/**
 * Who is one person, from all evidence and rulings at once. Evidence gets its say strongest and oldest first; a piece
 * whose ends the rules or a ruling forbid to join is refused, so that of a path that a ruling forbids the weakest piece
 * gives way. Arrival order and duplicates of the input change nothing, nor does the answer's own order depend on them.
 */
export function partition(
  nodes: Iterable<GraphNode>,
  evidence: Iterable<Evidence>,
  rules: IdentityRules,
  rulings: readonly Ruling[] = [],
): Partition {
  const told = [...evidence];
  const ruled = [...rulings, ...pairRulings(told, rulings)];
  const pairs = [...aggregate(told).values()]
    .filter((piece) => piece.rule !== 'never')
    .sort((a, b) => compareEvidence(a, b, rules));
  const all = nodesOf([...nodes, ...ruled.flatMap((ruling) => [...ruling.a, ...ruling.b])], told);
  const marks: Marks = new Map();
  for (const ruling of ruled) addRuling(marks, ruling);
  const sets = new UnionFind();
  for (const node of all.values()) sets.add(node, marks.get(node.fragment));
  const links: Evidence[] = [];
  const refused: Refusal[] = [];
  for (const piece of pairs) {
    const { a, b } = piece;
    if (sets.find(a.fragment) !== sets.find(b.fragment)) {
      const broken = violation(sets.tally(a.fragment), sets.tally(b.fragment), rules);
      if (broken) {
        refused.push({ evidence: piece, ...broken });
        continue;
      }
      sets.union(a.fragment, b.fragment);
    }
    links.push(piece);
  }
  return { components: componentsOf(all, links, sets), refused };
}

function componentsOf(
  nodes: ReadonlyMap<FragmentId, GraphNode>,
  links: readonly Evidence[],
  sets: UnionFind,
): Component[] {
  const components = new Map<FragmentId, { members: GraphNode[]; links: Evidence[] }>();
  const sorted = [...nodes.values()].sort((x, y) => compareText(x.fragment, y.fragment));
  for (const node of sorted) {
    const root = sets.find(node.fragment);
    const component = components.get(root);
    if (component) component.members.push(node);
    else components.set(root, { members: [node], links: [] });
  }
  for (const link of links) components.get(sets.find(link.a.fragment))?.links.push(link);
  return [...components.values()];
}

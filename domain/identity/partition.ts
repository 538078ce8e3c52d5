import { compareText } from '../canonical.ts';
import type { Component, Evidence, GraphNode, IdentityRules, Partition, Refusal } from './evidence.ts';
import type { FragmentId } from './identifier.ts';
import { aggregate, compareEvidence, nodesOf } from './order.ts';
import { UnionFind, violation } from './union.ts';

/**
 * Who is one person, from all evidence at once. Evidence gets its say strongest and oldest first; a piece whose ends
 * the rules forbid to join is refused. Arrival order and duplicates of the input change nothing, nor does the answer's
 * own order depend on them.
 */
export function partition(
  nodes: Iterable<GraphNode>,
  evidence: Iterable<Evidence>,
  rules: IdentityRules,
): Partition {
  const pairs = [...aggregate(evidence).values()].sort((a, b) => compareEvidence(a, b, rules));
  const all = nodesOf(nodes, pairs);
  const sets = new UnionFind();
  for (const node of all.values()) sets.add(node);
  const links: Evidence[] = [];
  const refused: Refusal[] = [];
  for (const piece of pairs) {
    const { a, b } = piece;
    if (sets.find(a.fragment) !== sets.find(b.fragment)) {
      const broken = violation(sets.counts(a.fragment), sets.counts(b.fragment), rules);
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

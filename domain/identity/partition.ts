import { compareText } from '../canonical.ts';
import type { Component, Evidence, GraphNode, IdentityRules, Partition, Refusal } from './evidence.ts';
import { factsOf, isolationAt } from './facts.ts';
import type { FragmentId } from './identifier.ts';
import type { Isolation } from './isolation.ts';
import { aggregate, compareEvidence, nodesOf } from './order.ts';
import { addRuling, pairRulings } from './ruling.ts';
import type { Marks, Ruling } from './ruling.ts';
import { UnionFind, violation } from './union.ts';

/**
 * Who is one person, from all evidence and rulings at once. Evidence gets its say strongest and oldest first; a piece
 * whose ends the rules or a ruling forbid to join is refused, so that of a path that a ruling forbids the weakest piece
 * gives way. Evidence about a fragment that stands by itself is refused, whatever else it says; `alone` are fragments
 * that are known to, such as blocked values. Arrival order and duplicates of the input change nothing, nor does the answer's own order depend on them.
 */
export function partition(
  nodes: Iterable<GraphNode>,
  evidence: Iterable<Evidence>,
  rules: IdentityRules,
  rulings: readonly Ruling[] = [],
  alone: ReadonlyMap<FragmentId, Isolation> = new Map(),
): Partition {
  const told = [...evidence];
  const ruled = [...rulings, ...pairRulings(told, rulings)];
  const pairs = [...aggregate(told).values()]
    .filter((piece) => piece.rule !== 'never')
    .sort((a, b) => compareEvidence(a, b, rules));
  const all = nodesOf([...nodes, ...ruled.flatMap((ruling) => [...ruling.a, ...ruling.b])], told);
  const marks: Marks = new Map();
  for (const ruling of ruled) addRuling(marks, ruling);
  const facts = factsOf(pairs, rules, alone);
  const sets = new UnionFind();
  for (const node of all.values()) sets.add(node, marks.get(node.fragment), facts);
  const links: Evidence[] = [];
  const refused: Refusal[] = [];
  for (const piece of pairs) {
    const { a, b } = piece;
    if (sets.find(a.fragment) !== sets.find(b.fragment)) {
      const broken =
        isolationAt(piece, facts.isolated) ??
        violation(sets.tally(a.fragment), sets.tally(b.fragment), rules, piece);
      if (broken) {
        refused.push({ evidence: piece, ...broken });
        continue;
      }
      sets.union(a.fragment, b.fragment);
    }
    links.push(piece);
  }
  const { joined, apart } = settled(refused, sets);
  return { components: componentsOf(all, [...links, ...joined], sets), refused: apart };
}

/** A piece that may not join its ends by itself is in force once others did. */
export function settled(
  refused: readonly Refusal[],
  sets: UnionFind,
): { readonly joined: Evidence[]; readonly apart: Refusal[] } {
  const joined: Evidence[] = [];
  const apart: Refusal[] = [];
  for (const refusal of refused) {
    const { a, b } = refusal.evidence;
    if (sets.find(a.fragment) === sets.find(b.fragment)) joined.push(refusal.evidence);
    else apart.push(refusal);
  }
  return { joined, apart };
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

import { compareText } from '../canonical.ts';
import type { Evidence, GraphNode, IdentityRules } from './evidence.ts';
import type { FragmentId } from './identifier.ts';
import { rank } from './rules.ts';

/** Names an undirected pair of fragments; the same whichever end comes first. */
export function pairKey(evidence: Evidence): string {
  return evidence.a.fragment < evidence.b.fragment
    ? `${evidence.a.fragment}~${evidence.b.fragment}`
    : `${evidence.b.fragment}~${evidence.a.fragment}`;
}

/** The same evidence with its ends in order. */
export function directed(evidence: Evidence): Evidence {
  if (evidence.a.fragment <= evidence.b.fragment) return evidence;
  return { ...evidence, a: evidence.b, b: evidence.a };
}

/** By stamp: event time, then source, then message id, then rule. Below zero where `left` was seen first. */
export function compareStamps(left: Evidence, right: Evidence): number {
  return (
    compareText(left.firstSeen, right.firstSeen) ||
    compareText(left.source, right.source) ||
    compareText(left.messageId, right.messageId) ||
    compareText(left.rule, right.rule)
  );
}

/**
 * The order in which evidence gets its say: strongest types first, then first seen, then by the ends' addresses.
 * Total over evidence of different pairs.
 */
export function compareEvidence(left: Evidence, right: Evidence, rules: IdentityRules): number {
  const leftA = rank(left.a.type, rules);
  const leftB = rank(left.b.type, rules);
  const rightA = rank(right.a.type, rules);
  const rightB = rank(right.b.type, rules);
  return (
    Math.min(leftA, leftB) - Math.min(rightA, rightB) ||
    Math.max(leftA, leftB) - Math.max(rightA, rightB) ||
    compareText(left.firstSeen, right.firstSeen) ||
    compareText(left.a.fragment, right.a.fragment) ||
    compareText(left.b.fragment, right.b.fragment)
  );
}

/** One piece per pair, the earliest seen, ends in order. A fragment is no evidence about itself. */
export function aggregate(evidence: Iterable<Evidence>): Map<string, Evidence> {
  const pairs = new Map<string, Evidence>();
  for (const piece of evidence) {
    if (piece.a.fragment === piece.b.fragment) continue;
    const key = pairKey(piece);
    const known = pairs.get(key);
    if (!known || compareStamps(piece, known) < 0) pairs.set(key, directed(piece));
  }
  return pairs;
}

/** The ends of all evidence and the given nodes, once each. */
export function nodesOf(
  nodes: Iterable<GraphNode>,
  evidence: Iterable<Evidence>,
): Map<FragmentId, GraphNode> {
  const all = new Map<FragmentId, GraphNode>();
  const add = (node: GraphNode): void => {
    if (!all.has(node.fragment)) all.set(node.fragment, node);
  };
  for (const node of nodes) add(node);
  for (const piece of evidence) {
    add(piece.a);
    add(piece.b);
  }
  return all;
}

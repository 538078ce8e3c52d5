import { compareText } from '../canonical.ts';
import type { Evidence, GraphNode, IdentityRules } from './evidence.ts';
import type { FragmentId } from './identifier.ts';
import { rank } from './rules.ts';

/** Names an undirected pair of fragments with the rule or, of events, the source; the same whichever end comes first. */
export function pairKey(evidence: Evidence): string {
  const pair =
    evidence.a.fragment < evidence.b.fragment
      ? `${evidence.a.fragment}~${evidence.b.fragment}`
      : `${evidence.b.fragment}~${evidence.a.fragment}`;
  return evidence.rule === 'same-event' ? `${pair}~${evidence.source}` : `${pair}~~${evidence.rule}`;
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
 * Which of two pieces of one pair and rule speaks for it, below zero for `left`: of events the first seen, of rulings the
 * last, of scores the highest. Whichever is preferred never has its say later than the other.
 */
export function comparePreference(left: Evidence, right: Evidence): number {
  switch (left.rule) {
    case 'same-event':
      return compareStamps(left, right);
    case 'probabilistic':
      return (right.score ?? 0) - (left.score ?? 0) || compareStamps(left, right);
    case 'always':
    case 'never':
      return compareStamps(right, left);
  }
}

const RULE_ORDER = { always: 0, never: 0, 'same-event': 1, probabilistic: 2 } as const;

/**
 * The order in which evidence gets its say: what people ruled, the last first; then what events show; then what a model
 * thinks, the likeliest first. Among equals strongest types first, then first seen, then by the ends' addresses. Total
 * over evidence of different pairs, rules and sources.
 */
export function compareEvidence(left: Evidence, right: Evidence, rules: IdentityRules): number {
  if (left.rule !== right.rule) return RULE_ORDER[left.rule] - RULE_ORDER[right.rule];
  if (left.rule === 'always' && left.firstSeen !== right.firstSeen)
    return compareText(right.firstSeen, left.firstSeen);
  if (left.rule === 'probabilistic' && left.score !== right.score)
    return (right.score ?? 0) - (left.score ?? 0);
  const leftA = rank(left.a.type, rules);
  const leftB = rank(left.b.type, rules);
  const rightA = rank(right.a.type, rules);
  const rightB = rank(right.b.type, rules);
  return (
    Math.min(leftA, leftB) - Math.min(rightA, rightB) ||
    Math.max(leftA, leftB) - Math.max(rightA, rightB) ||
    compareText(left.firstSeen, right.firstSeen) ||
    compareText(left.a.fragment, right.a.fragment) ||
    compareText(left.b.fragment, right.b.fragment) ||
    compareText(left.source, right.source)
  );
}

/** One piece per pair and rule (of events, per source), the preferred one, ends in order. A fragment is no evidence about itself. */
export function aggregate(evidence: Iterable<Evidence>): Map<string, Evidence> {
  const pairs = new Map<string, Evidence>();
  for (const piece of evidence) {
    if (piece.a.fragment === piece.b.fragment) continue;
    const key = pairKey(piece);
    const known = pairs.get(key);
    if (!known || comparePreference(piece, known) < 0) pairs.set(key, directed(piece));
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

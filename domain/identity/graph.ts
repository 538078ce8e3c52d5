import type { Evidence, GraphNode, IdentityRules, Refusal } from './evidence.ts';
import { isolationAt } from './facts.ts';
import type { FragmentId } from './identifier.ts';
import { isolatesAfter, isolationOf } from './isolation.ts';
import type { Isolation } from './isolation.ts';
import { compareEvidence, comparePreference, directed, pairKey } from './order.ts';
import { limitRule, trustOf } from './rules.ts';
import type { Marks } from './ruling.ts';
import { addTally, countIn, emptyTally } from './tally.ts';
import type { Tally } from './tally.ts';
import { UnionFind, dependsOnOrder, violation } from './union.ts';
import type { Violation } from './union.ts';

/** Fragments that are one profile, while evidence is being applied. Mutable. */
export interface Cluster {
  readonly members: Map<FragmentId, GraphNode>;
  /** Evidence in force among the members, by pair. */
  readonly links: Map<string, Evidence>;
  /** Evidence with one end here that was refused, by pair. */
  readonly refused: Map<string, Refusal>;
  readonly tally: Tally;
  /** What people ruled about members. */
  readonly marks: Marks;
  /** Members that stand by themselves: only an operator joins them to anybody. */
  readonly isolated: Map<FragmentId, Isolation>;
  /** Clusters with the same group have exchanged members or been judged together: they are stored together. */
  group: number;
  /** Has something to store. */
  dirty: boolean;
  /** Whether more evidence that was refused is stored apart, and whether it is in `refused` by now. */
  apart: 'none' | 'stored' | 'loaded';
  /** Pairs refused or refused anew since the graph was made: judged by the cluster at the other end. */
  readonly judged: Set<string>;
  /** No event of its one member is in force; see `isVacant`. */
  isEmpty: boolean;
}

/** Whether nobody is in a cluster: no event, no evidence, and no ruling. */
export function isVacant({ isEmpty, members, links, refused, marks, isolated }: Cluster): boolean {
  return isEmpty && members.size === 1 && links.size + refused.size + marks.size + isolated.size === 0;
}

/** The part of the identity graph that is in memory. `clusterOf` answers undefined for what is not. */
export interface Graph {
  readonly rules: IdentityRules;
  clusterOf(fragment: FragmentId): Cluster | undefined;
  place(cluster: Cluster): void;
  /** Makes two groups one. */
  tie(left: Cluster, right: Cluster): void;
  /** The number that all clusters tied to this one share now. */
  groupOf(cluster: Cluster): number;
}

/** A graph with nothing in it. */
export function createGraph(rules: IdentityRules): Graph {
  const clusters = new Map<FragmentId, Cluster>();
  const groups = new Map<number, number>();
  const groupOf = (group: number): number => {
    let root = group;
    for (let up = groups.get(root); up !== undefined; up = groups.get(root)) root = up;
    return root;
  };
  return {
    rules,
    clusterOf: (fragment) => clusters.get(fragment),
    place: (cluster) => {
      for (const fragment of cluster.members.keys()) clusters.set(fragment, cluster);
    },
    tie: (left, right) => {
      const [one, two] = [groupOf(left.group), groupOf(right.group)];
      if (one !== two) groups.set(Math.max(one, two), Math.min(one, two));
    },
    groupOf: (cluster) => groupOf(cluster.group),
  };
}

/** A cluster of nobody, to be filled. */
export function emptyCluster(group: number): Cluster {
  return {
    members: new Map(),
    links: new Map(),
    refused: new Map(),
    tally: emptyTally(),
    marks: new Map(),
    isolated: new Map(),
    group,
    dirty: true,
    apart: 'none',
    judged: new Set(),
    isEmpty: false,
  };
}

/** Takes a fragment in, with the marks that the cluster has of it. */
export function admit(cluster: Cluster, node: GraphNode): void {
  cluster.members.set(node.fragment, node);
  countIn(cluster.tally, node, cluster.marks.get(node.fragment));
}

/** A cluster of one fragment, of which nothing is known yet. */
export function single(node: GraphNode, group: number): Cluster {
  const cluster = emptyCluster(group);
  admit(cluster, node);
  return cluster;
}

/**
 * What a piece of evidence comes to:
 * - `known`: nothing to store
 * - `noted`: in force among members of one profile
 * - `joined`: its ends' profiles are one now
 * - `refused`
 * - `displaces`: it outranks evidence in force that cannot stand beside it; see `judgeAnew`
 */
export type Verdict = 'known' | 'noted' | 'joined' | 'refused' | 'displaces';

/**
 * Applies one piece of evidence whose ends are both in the graph. Exact: if the graph was what `partition` makes of the
 * evidence so far, then it is what `partition` makes of it with this piece. Three facts carry it. Where the union of
 * both profiles is allowed, so was every step towards it, and what had been refused stays so, for a superset of what is
 * forbidden is forbidden. Evidence that is refused at its place in the order changes nothing else. And what stands at
 * its place is told by the two profiles' own links before it. Only what is left needs `judgeAnew`, as does what a rule
 * of another kind may have a say in, and evidence that makes one of its ends stand by itself; then nothing has been changed.
 */
export function applyEvidence(graph: Graph, evidence: Evidence): Verdict {
  const piece = directed(evidence);
  const left = clusterAt(graph, piece.a.fragment);
  const right = clusterAt(graph, piece.b.fragment);
  const key = pairKey(piece);
  if (left === right && isNoted(left, key, piece)) return 'known';
  const preferred = preferredKnown(piece, left, right);
  const isKnown = left !== right && knows(left, preferred) && knows(right, preferred);
  if (!isKnown && crowds(piece, left, right, graph.rules)) return 'displaces';
  const alone = left === right ? undefined : isolationBetween(piece, left, right);
  if (alone && !isKnown && tellsMore(piece, left, right, graph.rules)) return 'displaces';
  if (alone) return refuseAlone(graph, key, { evidence: preferred, ...alone });
  if (isKnown) return 'known';
  if (isOrderly(piece, left, right, graph.rules)) return 'displaces';
  if (left === right) return note(left, key, piece);
  if (!violation(left.tally, right.tally, graph.rules, preferred)) {
    join(graph, left, right, key, preferred);
    return 'joined';
  }
  const broken = violationAt(preferred, left, right, graph.rules);
  if (!broken) return 'displaces';
  for (const cluster of [left, right]) refuse(cluster, key, { evidence: preferred, ...broken });
  return 'refused';
}

/** Keeps a piece as refused at both ends. */
export function refuse(cluster: Cluster, key: string, refusal: Refusal): void {
  cluster.refused.set(key, refusal);
  cluster.judged.add(key);
  cluster.dirty = true;
}

/** The cluster of a fragment that must be in the graph. */
export function clusterAt(graph: Graph, fragment: FragmentId): Cluster {
  const cluster = graph.clusterOf(fragment);
  if (!cluster) throw new RangeError('evidence was applied before both of its ends were loaded');
  return cluster;
}

/** The preferred of what is offered and what each end has as refused. */
export function preferredKnown(piece: Evidence, left: Cluster, right: Cluster): Evidence {
  let preferred = piece;
  for (const end of [left, right]) {
    const known = end.refused.get(pairKey(piece))?.evidence;
    if (known && comparePreference(known, preferred) < 0) preferred = known;
  }
  return preferred;
}

function knows(cluster: Cluster, piece: Evidence): boolean {
  const known = cluster.refused.get(pairKey(piece));
  return known !== undefined && comparePreference(known.evidence, piece) === 0;
}

function isNoted(cluster: Cluster, key: string, piece: Evidence): boolean {
  const known = cluster.links.get(key);
  return known !== undefined && comparePreference(known, piece) <= 0;
}

function isolationBetween(piece: Evidence, left: Cluster, right: Cluster): ReturnType<typeof isolationAt> {
  return isolationAt(piece, left.isolated) ?? isolationAt(piece, right.isolated);
}

/**
 * Keeps a piece about a fragment that stands by itself, at the other end: what many share would fill its profile, where
 * only what made it stand by itself is kept. Nothing else decides such a piece, nor can anything take it back.
 */
function refuseAlone(graph: Graph, key: string, refusal: Refusal): Verdict {
  const { a, b } = refusal.evidence;
  const ends = [a, b].map(({ fragment }) => ({ fragment, cluster: clusterAt(graph, fragment) }));
  const free = ends.filter(({ fragment, cluster }) => !cluster.isolated.has(fragment));
  let verdict: Verdict = 'known';
  for (const end of ends) {
    const { cluster } = end;
    if (free.length > 0 && !free.includes(end) && !cluster.refused.has(key)) continue;
    if (knows(cluster, refusal.evidence)) continue;
    cluster.refused.set(key, refusal);
    cluster.dirty = true;
    verdict = 'refused';
  }
  return verdict;
}

/** Whether, with this piece, so many were seen with one of its ends that it stands by itself from now on. */
function crowds(piece: Evidence, left: Cluster, right: Cluster, rules: IdentityRules): boolean {
  if (piece.rule !== 'same-event') return false;
  return isCrowded(piece.a, left, piece, rules) || isCrowded(piece.b, right, piece, rules);
}

function isCrowded(node: GraphNode, cluster: Cluster, piece: Evidence, rules: IdentityRules): boolean {
  const pieces = cluster.links.size + cluster.refused.size;
  if (pieces < isolatesAfter(node.type, rules) || cluster.isolated.has(node.fragment)) return false;
  // All of it has to be at hand to tell.
  if (cluster.apart === 'stored') return true;
  const about = [piece];
  const collect = (known: Evidence): void => {
    if (known.a.fragment === node.fragment || known.b.fragment === node.fragment) about.push(known);
  };
  for (const link of cluster.links.values()) collect(link);
  for (const { evidence, refusedBy } of cluster.refused.values())
    if (refusedBy !== 'blocked') collect(evidence);
  return isolationOf(node, about, rules) !== undefined;
}

const NOBODY = emptyTally();

/** Whether a piece that joins nothing may still say of an end what changes the judgement of other pieces. */
function tellsMore(piece: Evidence, left: Cluster, right: Cluster, rules: IdentityRules): boolean {
  const { uniqueFrom = {} } = rules;
  return (
    [
      [piece.a, left],
      [piece.b, right],
    ] as const
  ).some(
    ([{ type }, { members, refused }]) =>
      members.size + refused.size > 1 &&
      (Object.hasOwn(uniqueFrom, type) || limitRule(type, rules)?.within !== undefined),
  );
}

/** Whether the order of evidence may matter beyond what counts can tell. */
function isOrderly(piece: Evidence, left: Cluster, right: Cluster, rules: IdentityRules): boolean {
  const isUntrusted = ({ source, rule }: Evidence): boolean =>
    rule === 'same-event' && trustOf(source, rules) !== 'link';
  const untrusted = (): boolean =>
    isUntrusted(piece) ||
    [left, right].some((cluster) => [...cluster.links.values()].some((link) => isUntrusted(link)));
  // Evidence may make an identifier older, so that it falls out of a window in which there were too many.
  const mayAge = ({ type }: GraphNode, { refused }: Cluster): boolean =>
    refused.size > 0 && limitRule(type, rules)?.within !== undefined;
  if (mayAge(piece.a, left) || mayAge(piece.b, right)) return true;
  return dependsOnOrder(left.tally, left === right ? NOBODY : right.tally, rules, untrusted);
}

function note(cluster: Cluster, key: string, piece: Evidence): Verdict {
  cluster.links.set(key, piece);
  cluster.refused.delete(key);
  cluster.dirty = true;
  return 'noted';
}

function join(graph: Graph, left: Cluster, right: Cluster, key: string, piece: Evidence): void {
  graph.tie(left, right);
  const [keep, drop] = left.members.size >= right.members.size ? [left, right] : [right, left];
  for (const [id, node] of drop.members) keep.members.set(id, node);
  for (const [id, link] of drop.links) keep.links.set(id, link);
  for (const [id, refusal] of drop.refused) {
    const { a, b } = refusal.evidence;
    // Only what was refused as too large, or for what its own source may not do, can come to lie inside a profile.
    if (!keep.members.has(a.fragment) || !keep.members.has(b.fragment)) keep.refused.set(id, refusal);
    else keep.links.set(id, refusal.evidence);
  }
  for (const [id, marks] of drop.marks) keep.marks.set(id, marks);
  for (const [id, reason] of drop.isolated) keep.isolated.set(id, reason);
  addTally(keep.tally, drop.tally);
  // What one of them has not at hand, both have not.
  if (keep.apart !== 'stored' && drop.apart !== 'none') keep.apart = drop.apart;
  for (const id of drop.judged) keep.judged.add(id);
  keep.links.set(key, piece);
  for (const id of keep.refused.keys()) if (keep.links.has(id)) keep.refused.delete(id);
  for (const id of keep.judged) if (!keep.refused.has(id)) keep.judged.delete(id);
  keep.dirty = true;
  graph.place(keep);
}

/** What forbids a piece at its own place in the order, where only links before it stand. */
function violationAt(
  piece: Evidence,
  left: Cluster,
  right: Cluster,
  rules: IdentityRules,
): Violation | undefined {
  const sets = new UnionFind();
  for (const cluster of [left, right]) {
    for (const node of cluster.members.values()) sets.add(node, cluster.marks.get(node.fragment));
    for (const link of cluster.links.values())
      if (compareEvidence(link, piece, rules) < 0) sets.union(link.a.fragment, link.b.fragment);
  }
  return violation(sets.tally(piece.a.fragment), sets.tally(piece.b.fragment), rules, piece);
}

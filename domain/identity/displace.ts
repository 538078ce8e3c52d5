import type { Evidence, GraphNode, IdentityRules, Refusal } from './evidence.ts';
import { clusterAt, oldestKnown, refuse } from './graph.ts';
import type { Cluster, Graph } from './graph.ts';
import type { FragmentId } from './identifier.ts';
import { compareEvidence, directed, pairKey } from './order.ts';
import { UnionFind, violation } from './union.ts';

/** Most profiles that are judged anew together: what one transaction takes with their decisions and pointers. */
export const DISPLACED_PROFILES_MAX = 24;

/** `needs`: nodes whose profiles must be in the graph first; then call again. */
export type Displacement =
  | { readonly status: 'done' }
  | { readonly status: 'too-large' }
  | { readonly status: 'needs'; readonly nodes: readonly GraphNode[] };

/**
 * Applies a piece of evidence that outranks evidence in force: judges the profiles at both ends anew, and with them
 * those whose refused evidence may stand now. Refused evidence towards a profile outside stays refused, without a look
 * at that profile, as long as the end inside holds at its place in the order no fewer of the type it was refused for
 * than before. Changes nothing unless it is `done`.
 */
export function displace(graph: Graph, evidence: Evidence): Displacement {
  const { a, b } = evidence;
  const ends = [clusterAt(graph, a.fragment), clusterAt(graph, b.fragment)] as const;
  const piece = oldestKnown(directed(evidence), ...ends);
  const region = new Set(ends);
  for (;;) {
    if (region.size > DISPLACED_PROFILES_MAX) return { status: 'too-large' };
    const judged = judge(region, piece, graph.rules);
    if (judged.reach.length === 0) {
      rebuild(graph, region, judged);
      return { status: 'done' };
    }
    const missing = judged.reach.filter((node) => !graph.clusterOf(node.fragment));
    if (region.size + missing.length > DISPLACED_PROFILES_MAX) return { status: 'too-large' };
    if (missing.length > 0) return { status: 'needs', nodes: missing };
    for (const node of judged.reach) region.add(clusterAt(graph, node.fragment));
  }
}

/** Refuses a piece that would have to displace more than fits a transaction. */
export function refuseAsTooLarge(graph: Graph, evidence: Evidence): void {
  const piece = directed(evidence);
  const type = piece.a.type;
  for (const node of [piece.a, piece.b])
    refuse(clusterAt(graph, node.fragment), pairKey(piece), {
      evidence: piece,
      refusedBy: 'too-large',
      type,
    });
}

interface Judged {
  readonly sets: UnionFind;
  readonly links: readonly Evidence[];
  readonly refused: readonly Refusal[];
  /** Nodes outside whose refused evidence needs their profile's say. */
  readonly reach: readonly GraphNode[];
}

interface Candidate {
  readonly piece: Evidence;
  /** Was in force until now. */
  readonly stood: boolean;
  /** The refusal, where it leads out of the region. */
  readonly outward?: Refusal;
}

function candidatesOf(
  region: ReadonlySet<Cluster>,
  members: ReadonlyMap<FragmentId, GraphNode>,
  piece: Evidence,
): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const cluster of region) {
    for (const [key, link] of cluster.links) found.set(key, { piece: link, stood: true });
    for (const [key, refusal] of cluster.refused) {
      const { a, b } = refusal.evidence;
      const inside = members.has(a.fragment) && members.has(b.fragment);
      found.set(key, {
        piece: refusal.evidence,
        stood: false,
        ...(inside ? {} : { outward: refusal }),
      });
    }
  }
  found.set(pairKey(piece), { piece, stood: false });
  return [...found.values()];
}

/** One sweep in the order of evidence over what the sets are to become (`now`) and what they were (`then`). */
function judge(region: ReadonlySet<Cluster>, piece: Evidence, rules: IdentityRules): Judged {
  const members = new Map<FragmentId, GraphNode>();
  for (const cluster of region) for (const [id, node] of cluster.members) members.set(id, node);
  const now = new UnionFind();
  const then = new UnionFind();
  for (const node of members.values()) {
    now.add(node);
    then.add(node);
  }
  const links: Evidence[] = [];
  const refused: Refusal[] = [];
  const reach: GraphNode[] = [];
  const candidates = candidatesOf(region, members, piece).sort((x, y) =>
    compareEvidence(x.piece, y.piece, rules),
  );
  for (const candidate of candidates) {
    const { a, b } = candidate.piece;
    if (candidate.outward) {
      const [inside, outside] = members.has(a.fragment) ? [a, b] : [b, a];
      const { type } = candidate.outward;
      const weaker =
        (now.counts(inside.fragment).get(type) ?? 0) < (then.counts(inside.fragment).get(type) ?? 0);
      if (weaker && candidate.outward.refusedBy !== 'too-large') reach.push(outside);
      refused.push(candidate.outward);
      continue;
    }
    if (candidate.stood) then.union(a.fragment, b.fragment);
    if (now.find(a.fragment) !== now.find(b.fragment)) {
      const broken = violation(now.counts(a.fragment), now.counts(b.fragment), rules);
      if (broken) {
        refused.push({ evidence: candidate.piece, ...broken });
        continue;
      }
      now.union(a.fragment, b.fragment);
    }
    links.push(candidate.piece);
  }
  return { sets: now, links, refused, reach };
}

function rebuild(graph: Graph, region: ReadonlySet<Cluster>, judged: Judged): void {
  const [first] = region;
  if (!first) return;
  const outwardJudged = new Set<string>();
  for (const cluster of region) {
    graph.tie(first, cluster);
    for (const key of cluster.judged) outwardJudged.add(key);
  }
  const made = new Map<FragmentId, Cluster>();
  const all = [...region].flatMap((cluster) => [...cluster.members.values()]);
  for (const node of all) {
    const root = judged.sets.find(node.fragment);
    const cluster = made.get(root) ?? emptyCluster(first.group);
    made.set(root, cluster);
    cluster.members.set(node.fragment, node);
    cluster.counts.set(node.type, (cluster.counts.get(node.type) ?? 0) + 1);
  }
  const madeOf = (fragment: FragmentId): Cluster | undefined => made.get(judged.sets.find(fragment));
  const inside = new Set(all.map((node) => node.fragment));
  for (const link of judged.links) madeOf(link.a.fragment)?.links.set(pairKey(link), link);
  for (const refusal of judged.refused) {
    const key = pairKey(refusal.evidence);
    for (const { fragment } of [refusal.evidence.a, refusal.evidence.b]) {
      if (!inside.has(fragment)) continue;
      const cluster = madeOf(fragment);
      cluster?.refused.set(key, refusal);
      if (outwardJudged.has(key)) cluster?.judged.add(key);
    }
  }
  for (const cluster of made.values()) graph.place(cluster);
}

function emptyCluster(group: number): Cluster {
  return {
    members: new Map(),
    links: new Map(),
    refused: new Map(),
    counts: new Map(),
    group,
    dirty: true,
    judged: new Set(),
  };
}

import type { Evidence, GraphNode, IdentityRules, Refusal } from './evidence.ts';
import { admit, clusterAt, emptyCluster, isVacant, preferredKnown, refuse } from './graph.ts';
import type { Cluster, Graph } from './graph.ts';
import { factsOf, isolationAt } from './facts.ts';
import type { FragmentId } from './identifier.ts';
import type { Isolation } from './isolation.ts';
import { settled } from './partition.ts';
import { compareEvidence, directed, pairKey } from './order.ts';
import { candidatesOf } from './candidates.ts';
import { addRuling } from './ruling.ts';
import type { Marks, Ruling } from './ruling.ts';
import { mayAllowMore } from './tally.ts';
import { UnionFind, violation } from './union.ts';

/** Most profiles that are judged anew together: what one transaction takes with their decisions and pointers. */
export const DISPLACED_PROFILES_MAX = 24;

/** `needs`: nodes whose profiles must be in the graph, and clusters that must have all evidence at hand; then call again. */
export type Displacement =
  | { readonly status: 'done' }
  | { readonly status: 'too-large' }
  | {
      readonly status: 'needs';
      readonly nodes: readonly GraphNode[];
      readonly evidenceOf: readonly Cluster[];
    };

/** What may take links in force back. All that it names must be in the graph. */
export interface Change {
  readonly evidence: readonly Evidence[];
  readonly rulings: readonly Ruling[];
  /** What holds no longer. Both ends of all evidence that falls away must be among the nodes. */
  readonly withdrawn?: Withdrawn;
  /**
   * In the change whatever its size: the profiles of these are judged with it, and whoever was refused for want of room
   * is looked at again.
   */
  readonly along?: readonly GraphNode[];
  /** Judges the profiles of these by the rules in force, whatever they were judged by; nobody outside is looked at. */
  readonly anew?: Anew;
}

/** Evidence whose events were taken back, and what is left where it stood. */
export interface Withdrawn {
  /** Whatever is to be looked at, ends of what falls away among it. */
  readonly nodes: readonly GraphNode[];
  /** By `pairKey`. Evidence of the same pair in the change stands in its place. */
  readonly pairs: ReadonlySet<string>;
  /** Those of the nodes that have no event in force. */
  readonly empty: ReadonlySet<FragmentId>;
}

/** A set of profiles that all evidence at once was found to keep apart from all others. */
export interface Anew {
  readonly nodes: readonly GraphNode[];
  /** Those that stand by themselves, and no others do. */
  readonly isolated: ReadonlyMap<FragmentId, Isolation>;
}

/**
 * Applies a change: judges the profiles that it names anew, and with them those whose refused evidence may stand now.
 * Refused evidence towards a profile outside stays refused, without a look at that profile, as long as the end inside
 * holds at its place in the order no less of what it was refused for than before. Profiles outside are taken in one by
 * one, strongest evidence first: mostly the first takes what became free. Changes nothing unless it is `done`.
 */
export function judgeAnew(graph: Graph, change: Change, profilesMax: number): Displacement {
  const named = [
    ...change.evidence.flatMap((piece) => [piece.a, piece.b]),
    ...change.rulings.flatMap((ruling) => [...ruling.a, ...ruling.b]),
    ...(change.withdrawn?.nodes ?? []),
    ...(change.along ?? []),
    ...(change.anew?.nodes ?? []),
  ];
  const region = new Set(named.map((node) => clusterAt(graph, node.fragment)));
  const pieces = change.evidence.map((piece) =>
    change.withdrawn?.pairs.has(pairKey(piece)) === true
      ? directed(piece)
      : preferredKnown(
          directed(piece),
          clusterAt(graph, piece.a.fragment),
          clusterAt(graph, piece.b.fragment),
        ),
  );
  for (;;) {
    if (region.size > profilesMax) return { status: 'too-large' };
    const evidenceOf = [...region].filter(({ apart }) => apart === 'stored');
    if (evidenceOf.length > 0) return { status: 'needs', nodes: [], evidenceOf };
    const judged = judge(region, { ...change, evidence: pieces }, graph.rules);
    if (judged.reach.length === 0 || change.anew) {
      rebuild(graph, region, judged, emptyAfter(region, change.withdrawn));
      return { status: 'done' };
    }
    // Mostly the first takes what became free; where size does not matter, a crowd is not taken in one by one.
    const wanted = change.along ? judged.reach : judged.reach.slice(0, 1);
    const nodes = wanted.filter((node) => !graph.clusterOf(node.fragment));
    if (nodes.length > 0) return { status: 'needs', nodes, evidenceOf: [] };
    for (const node of wanted) region.add(clusterAt(graph, node.fragment));
  }
}

/** Fragments without an event in force: as known, but for those that were looked at. */
function emptyAfter(
  region: ReadonlySet<Cluster>,
  { nodes, empty }: Withdrawn = NOTHING_WITHDRAWN,
): Set<FragmentId> {
  const found = new Set(empty);
  const looked = new Set(nodes.map((node) => node.fragment));
  for (const cluster of region)
    if (isVacant(cluster))
      for (const fragment of cluster.members.keys()) if (!looked.has(fragment)) found.add(fragment);
  return found;
}

const NOTHING_WITHDRAWN: Withdrawn = { nodes: [], pairs: new Set(), empty: new Set() };

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
  readonly marks: Marks;
  /** Fragments that stand by themselves. */
  readonly isolated: ReadonlyMap<FragmentId, Isolation>;
  readonly links: readonly Evidence[];
  readonly refused: readonly Refusal[];
  /** Nodes outside whose refused evidence needs their profiles' say, strongest first. */
  readonly reach: readonly GraphNode[];
}

/** One sweep in the order of evidence over what the sets are to become (`now`) and what they were (`then`). */
function judge(region: ReadonlySet<Cluster>, change: Change, rules: IdentityRules): Judged {
  const members = new Map<FragmentId, GraphNode>();
  const marks: Marks = new Map();
  const alone = new Map<FragmentId, Isolation>();
  for (const cluster of region) {
    for (const [id, node] of cluster.members) members.set(id, node);
    for (const [id, known] of cluster.marks) marks.set(id, known);
    for (const [id, reason] of change.anew?.isolated ?? cluster.isolated) alone.set(id, reason);
  }
  for (const [id, reason] of blockedOutside(region, members)) if (!alone.has(id)) alone.set(id, reason);
  const now = new UnionFind();
  const then = new UnionFind();
  const before = factsOf(piecesOf(region), rules, alone);
  const withdrawn = change.withdrawn?.pairs ?? NOTHING_WITHDRAWN.pairs;
  const facts = factsOf([...piecesOf(region, withdrawn), ...change.evidence], rules, alone);
  for (const node of members.values()) then.add(node, marks.get(node.fragment), before);
  for (const ruling of change.rulings) addRuling(marks, ruling);
  for (const node of members.values()) now.add(node, marks.get(node.fragment), facts);
  const links: Evidence[] = [];
  const refused: Refusal[] = [];
  const reach: GraphNode[] = [];
  const candidates = candidatesOf(region, members, change.evidence, withdrawn).sort((x, y) =>
    compareEvidence(x.piece, y.piece, rules),
  );
  for (const candidate of candidates) {
    const { a, b } = candidate.piece;
    if (candidate.fallen) {
      then.union(a.fragment, b.fragment);
      continue;
    }
    const lonely = isolationAt(candidate.piece, facts.isolated);
    if (candidate.outward && lonely) {
      refused.push({ evidence: candidate.piece, ...lonely });
      continue;
    }
    if (candidate.outward) {
      const [inside, outside] = members.has(a.fragment) ? [a, b] : [b, a];
      const wanting =
        candidate.outward.refusedBy === 'too-large'
          ? change.along !== undefined
          : mayAllowMore(then.tally(inside.fragment), now.tally(inside.fragment), candidate.outward);
      if (wanting) reach.push(outside);
      refused.push(candidate.outward);
      continue;
    }
    if (candidate.stood) then.union(a.fragment, b.fragment);
    if (now.find(a.fragment) !== now.find(b.fragment)) {
      const broken =
        lonely ?? violation(now.tally(a.fragment), now.tally(b.fragment), rules, candidate.piece);
      if (broken) {
        refused.push({ evidence: candidate.piece, ...broken });
        continue;
      }
      now.union(a.fragment, b.fragment);
    }
    links.push(candidate.piece);
  }
  const { joined, apart } = settled(refused, now);
  const isolated = facts.isolated;
  return { sets: now, marks, isolated, links: [...links, ...joined], refused: apart, reach };
}

/** Ends of what was refused that are in no profile, or in none at hand, since their values name nobody. */
function* blockedOutside(
  region: ReadonlySet<Cluster>,
  members: ReadonlyMap<FragmentId, GraphNode>,
): Generator<readonly [FragmentId, Isolation]> {
  for (const { refused } of region)
    for (const { evidence, refusedBy } of refused.values())
      if (refusedBy === 'blocked')
        for (const { fragment } of [evidence.a, evidence.b])
          if (!members.has(fragment)) yield [fragment, 'blocked'];
}

function* piecesOf(
  region: ReadonlySet<Cluster>,
  without: ReadonlySet<string> = NOTHING_WITHDRAWN.pairs,
): Generator<Evidence> {
  for (const { links, refused } of region) {
    for (const [key, link] of links) if (!without.has(key)) yield link;
    for (const [key, { evidence }] of refused) if (!without.has(key)) yield evidence;
  }
}

function rebuild(
  graph: Graph,
  region: ReadonlySet<Cluster>,
  judged: Judged,
  empty: ReadonlySet<FragmentId>,
): void {
  const [first] = region;
  if (!first) return;
  const outwardJudged = new Set<string>();
  for (const cluster of region) {
    graph.tie(first, cluster);
    for (const key of cluster.judged) outwardJudged.add(key);
  }
  const apart = [...region].some((cluster) => cluster.apart === 'loaded') ? 'loaded' : 'none';
  const made = new Map<FragmentId, Cluster>();
  const all = [...region].flatMap((cluster) => [...cluster.members.values()]);
  for (const node of all) {
    const root = judged.sets.find(node.fragment);
    const cluster = made.get(root) ?? emptyCluster(first.group);
    cluster.apart = apart;
    made.set(root, cluster);
    const marks = judged.marks.get(node.fragment);
    if (marks) cluster.marks.set(node.fragment, marks);
    const reason = judged.isolated.get(node.fragment);
    if (reason !== undefined) cluster.isolated.set(node.fragment, reason);
    if (empty.has(node.fragment)) cluster.isEmpty = true;
    admit(cluster, node);
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

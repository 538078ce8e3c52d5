import type { Evidence, GraphNode, ProfileHead, Refusal } from '../../domain/identity/evidence.ts';
import { admit, clusterAt, emptyCluster } from '../../domain/identity/graph.ts';
import type { Cluster } from '../../domain/identity/graph.ts';
import type { ProfileId } from '../../domain/identity/identifier.ts';
import { pairKey } from '../../domain/identity/order.ts';
import type { View } from './view.ts';

/** Clusters that are stored next; those of one group in one transaction. */
export interface Stage {
  readonly clusters: readonly Cluster[];
  /** Whether all is as it is to be then. */
  readonly isLast: boolean;
}

/** Fragments that are in one profile and are to be in one. */
type Cell = readonly GraphNode[];

interface Target {
  readonly cluster: Cluster;
  /** By the profile that they are in. */
  readonly cells: Map<ProfileId, GraphNode[]>;
  /** Fragments without a profile. */
  readonly loose: GraphNode[];
}

/**
 * What a view's graph says of many profiles, in transactions of at most `most` of them: profiles are split first, each
 * part into fewer and fewer parts, then what belongs together is joined, many at a time. In between every fragment is in
 * one profile, all evidence is kept but what is `withdrawn`, and what is to be joined and is not yet counts as refused for
 * want of room.
 */
export function nextStage(view: View, most: number, withdrawn: ReadonlySet<string> = new Set()): Stage {
  const targets = targetsOf(view);
  const splits = splitsOf(targets, most);
  const joins = targets.flatMap((target) => joinsOf(target, most));
  const steps = splits.length > 0 ? splits : joins;
  if (steps.length === 0) {
    const clusters = targets.map(({ cluster }, group) => ({ ...cluster, group, judged: new Set<string>() }));
    return { clusters, isLast: true };
  }
  const clusters = steps.flatMap((parts, group) =>
    parts.map((members) => staged(view, members, { group, withdrawn })),
  );
  return { clusters, isLast: false };
}

function targetsOf(view: View): Target[] {
  return [...view.clusters()].map((cluster) => {
    const cells = new Map<ProfileId, GraphNode[]>();
    const loose: GraphNode[] = [];
    for (const node of cluster.members.values()) {
      const home = view.homeOf(node.fragment);
      const cell = home === undefined ? loose : cells.get(home);
      if (cell) cell.push(node);
      else if (home !== undefined) cells.set(home, [node]);
    }
    return { cluster, cells, loose };
  });
}

/** Of each profile that more than one cell is in: its cells in at most `most` parts. */
function splitsOf(targets: readonly Target[], most: number): Cell[][] {
  const byProfile = new Map<ProfileId, Cell[]>();
  for (const { cells } of targets)
    for (const [profile, cell] of cells) {
      const known = byProfile.get(profile);
      if (known) known.push(cell);
      else byProfile.set(profile, [cell]);
    }
  return [...byProfile.values()].filter((cells) => cells.length > 1).map((cells) => bundled(cells, most));
}

/** Of a target in more profiles than one step joins: its profiles, joined so many at a time. Then what has none, likewise. */
function joinsOf({ cells, loose }: Target, most: number): Cell[][] {
  const whole = [...cells.values()];
  const [first = []] = whole;
  if (whole.length > most)
    return bundled(whole, Math.ceil(whole.length / most))
      .filter((part) => part.length > 0)
      .map((part) => [part]);
  return loose.length > most ? [[[...first, ...loose.slice(0, most)]]] : [];
}

/** All cells in at most `parts` parts of about as many each. */
function bundled(cells: readonly Cell[], parts: number): Cell[] {
  const size = Math.ceil(cells.length / parts);
  const bundles: Cell[] = [];
  for (let from = 0; from < cells.length; from += size) bundles.push(cells.slice(from, from + size).flat());
  return bundles;
}

/** The members as a profile on the way, with all evidence that any head has about them. */
function staged(
  view: View,
  members: readonly GraphNode[],
  { group, withdrawn }: { readonly group: number; readonly withdrawn: ReadonlySet<string> },
): Cluster {
  const cluster = emptyCluster(group);
  const [only, ...others] = members;
  // Where nobody is, nobody is on the way either.
  if (only && others.length === 0) cluster.isEmpty = clusterAt(view.graph, only.fragment).isEmpty;
  for (const node of members) {
    const { marks, isolated } = clusterAt(view.graph, node.fragment);
    const known = marks.get(node.fragment);
    if (known) cluster.marks.set(node.fragment, known);
    const reason = isolated.get(node.fragment);
    if (reason !== undefined) cluster.isolated.set(node.fragment, reason);
    admit(cluster, node);
    if (clusterAt(view.graph, node.fragment).apart !== 'none') cluster.apart = 'loaded';
  }
  for (const known of piecesOf(view, members)) {
    const key = pairKey(known);
    const piece = withdrawn.has(key) ? judgedPiece(view, known) : known;
    if (piece === undefined) continue;
    const inside = [piece.a, piece.b].filter(({ fragment }) => cluster.members.has(fragment));
    const [end] = inside;
    if (inside.length === 2) cluster.links.set(key, piece);
    else if (end) cluster.refused.set(key, refusalOf(view, piece, end));
  }
  return cluster;
}

/** What is to be known of a piece's pair. */
function judgedPiece(view: View, known: Evidence): Evidence | undefined {
  const key = pairKey(known);
  for (const { fragment } of [known.a, known.b]) {
    const cluster = view.graph.clusterOf(fragment);
    const piece = cluster?.links.get(key) ?? cluster?.refused.get(key)?.evidence;
    if (piece) return piece;
  }
  return undefined;
}

function* piecesOf(view: View, members: readonly GraphNode[]): Generator<Evidence> {
  const heads = new Map<ProfileId, ProfileHead>();
  const whole = new Set(members.map(({ fragment }) => clusterAt(view.graph, fragment)));
  for (const { links, refused, apart } of whole) {
    if (apart === 'none') continue;
    yield* links.values();
    for (const { evidence } of refused.values()) yield evidence;
  }
  for (const { fragment } of members) {
    const home = view.homeOf(fragment);
    const head = home === undefined ? undefined : view.around.decisionOf(home)?.head;
    if (home !== undefined && head) heads.set(home, head);
  }
  for (const { links, refused } of heads.values()) {
    yield* links;
    for (const { evidence } of refused) yield evidence;
  }
}

function refusalOf(view: View, piece: Evidence, end: GraphNode): Refusal {
  const judged = clusterAt(view.graph, end.fragment).refused.get(pairKey(piece));
  return judged ?? { evidence: piece, refusedBy: 'too-large', type: end.type };
}

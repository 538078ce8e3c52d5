import { decide, isRuled, namedBy } from '../../domain/identity/decide.ts';
import type { RulingRefusal, RulingRequest } from '../../domain/identity/decide.ts';
import { judgeAnew, refuseAsTooLarge } from '../../domain/identity/displace.ts';
import type { Change, Withdrawn } from '../../domain/identity/displace.ts';
import type { Evidence, GraphNode, IdentityRules, ProfileHead } from '../../domain/identity/evidence.ts';
import {
  admit,
  applyEvidence,
  clusterAt,
  createGraph,
  emptyCluster,
  single,
} from '../../domain/identity/graph.ts';
import type { Cluster, Graph } from '../../domain/identity/graph.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import { pairKey } from '../../domain/identity/order.ts';
import { marksOf } from '../../domain/identity/ruling.ts';
import { withheldEnd, withhold } from '../../domain/identity/withhold.ts';
import { ConditionFailed } from '../errors.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import type { RejudgedRegion } from './types.ts';

/** The graph over a neighbourhood: a profile enters it when evidence touches it. */
export interface View {
  readonly graph: Graph;
  readonly around: Neighbourhood;
  /** Brings the fragment's profile in, or the fragment alone. It must have been located. */
  show(node: GraphNode): Cluster;
  /** The stored profile of any fragment that has come in. */
  homeOf(fragment: FragmentId): ProfileId | undefined;
  clusters(): Set<Cluster>;
  /** Brings what is stored apart about a cluster into it. */
  loadApart(cluster: Cluster): Promise<void>;
}

/** An empty view; `nodes` are those that will be asked for, `loadApart` brings in what heads have no room for. */
export function createView(
  rules: IdentityRules,
  around: Neighbourhood,
  nodes: ReadonlyMap<FragmentId, GraphNode>,
  loadApart: View['loadApart'],
): View {
  const graph = createGraph(rules);
  const shown = new Set<FragmentId>(nodes.keys());
  const homes = new Map<FragmentId, ProfileId>();
  let groups = 0;
  const show = (node: GraphNode): Cluster => {
    const known = graph.clusterOf(node.fragment);
    if (known) return known;
    shown.add(node.fragment);
    const home = around.homeOf(node.fragment);
    const head = home === undefined ? undefined : around.decisionOf(home)?.head;
    const cluster: Cluster = home !== undefined && head ? emptyCluster(groups++) : single(node, groups++);
    if (home !== undefined && head) {
      cluster.dirty = false;
      cluster.isEmpty = head.vacant === true;
      if (head.apart === true) cluster.apart = 'stored';
      if (head.rulings)
        for (const [fragment, known] of marksOf(head.rulings)) cluster.marks.set(fragment, known);
      for (const [fragment, reason] of Object.entries(head.isolated ?? {}))
        cluster.isolated.set(fragment, reason);
      for (const member of head.members) {
        // In two profiles at once: they were read at different times, and one of them is of the past.
        const seen: ProfileId = around.homeOf(member.fragment) ?? home;
        if (seen !== home || graph.clusterOf(member.fragment)) throw new ConditionFailed([]);
        admit(cluster, member);
        homes.set(member.fragment, home);
      }
      for (const link of head.links) cluster.links.set(pairKey(link), link);
      for (const refusal of head.refused) cluster.refused.set(pairKey(refusal.evidence), refusal);
    }
    graph.place(cluster);
    for (const member of cluster.members.keys()) shown.add(member);
    return cluster;
  };
  const clusters = (): Set<Cluster> => {
    const found = new Set<Cluster>();
    for (const fragment of shown) {
      const cluster = graph.clusterOf(fragment);
      if (cluster) found.add(cluster);
    }
    return found;
  };
  const homeOf = (fragment: FragmentId): ProfileId | undefined =>
    homes.get(fragment) ?? around.homeOf(fragment);
  return { graph, around, homeOf, show, clusters, loadApart };
}

/** Applies one piece of evidence; what would judge more than `profilesMax` profiles anew is refused. */
export async function applyPiece(
  view: View,
  piece: Evidence,
  { profilesMax, blocked }: { readonly profilesMax: number; readonly blocked: ReadonlySet<FragmentId> },
): Promise<void> {
  const withheld = withheldEnd(piece, blocked);
  if (withheld) {
    const kept = withheld === piece.a ? piece.b : piece.a;
    withhold(view.show(kept), piece, withheld);
    return;
  }
  view.show(piece.a);
  view.show(piece.b);
  if (applyEvidence(view.graph, piece) !== 'displaces') return;
  if (!(await applyChange(view, { evidence: [piece], rulings: [] }, profilesMax)))
    refuseAsTooLarge(view.graph, piece);
}

/** Carries out what a person wants, or says in `refused` why not. */
export async function applyRequest(
  view: View,
  request: RulingRequest,
  profilesMax: number,
  refused: Map<string, RulingRefusal>,
): Promise<void> {
  for (const node of namedBy(request)) view.show(node);
  const clusterOf = (node: GraphNode): Cluster => clusterAt(view.graph, node.fragment);
  if (isRuled(request, clusterOf)) return;
  const decided = decide(request, clusterOf);
  if (decided.status === 'refused') refused.set(request.id, decided.reason);
  else if (!(await applyChange(view, decided.change, profilesMax))) refused.set(request.id, 'too-large');
}

/** Judges anew what a change calls into question; false where that is more than may be judged together. */
async function applyChange(view: View, change: Change, profilesMax: number): Promise<boolean> {
  for (;;) {
    const result = judgeAnew(view.graph, change, profilesMax);
    if (result.status !== 'needs') return result.status === 'done';
    await view.around.locate(result.nodes.map((node) => node.fragment));
    for (const node of result.nodes) view.show(node);
    for (const cluster of result.evidenceOf) await view.loadApart(cluster);
  }
}

/** Somebody is there again: an event or a piece of evidence names the fragment. */
export function occupy(view: View, node: GraphNode): void {
  const home = view.around.homeOf(node.fragment);
  if (home === undefined || view.around.decisionOf(home)?.head.vacant !== true) return;
  const cluster = view.show(node);
  cluster.isEmpty = false;
  cluster.dirty = true;
}

/** Evidence that falls away among profiles that hang together, and what holds in its place. */
export interface Withdrawal {
  readonly evidence: readonly Evidence[];
  /** Ends of it whose values name nobody. */
  readonly blocked: ReadonlySet<FragmentId>;
  readonly withdrawn: Withdrawn;
}

/**
 * Takes evidence back, with what holds in its place; false where that judges more than `profilesMax` profiles anew. With
 * `along`, as in a `Change`, it may be any number.
 */
export async function applyWithdrawal(
  view: View,
  { evidence, withdrawn, blocked }: Withdrawal,
  { profilesMax = Infinity, along }: { readonly profilesMax?: number; readonly along?: readonly GraphNode[] },
): Promise<boolean> {
  for (const node of [...withdrawn.nodes, ...(along ?? [])]) view.show(node);
  const judged = evidence.filter((piece) => withheldEnd(piece, blocked) === undefined);
  const change = { evidence: judged, rulings: [], withdrawn, ...(along && { along }) };
  if (!(await applyChange(view, change, profilesMax))) return false;
  for (const piece of evidence) {
    const withheld = withheldEnd(piece, blocked);
    if (withheld) withhold(view.show(withheld === piece.a ? piece.b : piece.a), piece, withheld);
  }
  return true;
}

/** Brings the profiles that the fragments are in now into the view, and judges them anew. */
export async function applyRegion(view: View, { fragments, isolated }: RejudgedRegion): Promise<void> {
  await view.around.locate(fragments);
  const heads = headsOf(view, fragments);
  const nodes = new Map(heads.flatMap(({ members }) => members.map((node) => [node.fragment, node])));
  // A value that named nobody is known from what was seen with it.
  const letIn = new Set(fragments.filter((fragment) => !nodes.has(fragment)));
  for (const { refused } of heads)
    for (const { evidence } of refused)
      for (const end of [evidence.a, evidence.b]) if (letIn.has(end.fragment)) nodes.set(end.fragment, end);
  // Members that came since the set was found.
  await view.around.locate(nodes.keys());
  for (const node of nodes.values()) view.show(node);
  if (nodes.size === 0) return;
  const anew = { nodes: [...nodes.values()], isolated };
  await applyChange(view, { evidence: [], rulings: [], anew }, Infinity);
}

function headsOf({ around }: View, fragments: readonly FragmentId[]): ProfileHead[] {
  const heads = new Map<ProfileId, ProfileHead>();
  for (const fragment of fragments) {
    const home = around.homeOf(fragment);
    const head = home === undefined ? undefined : around.decisionOf(home)?.head;
    if (home !== undefined && head) heads.set(home, head);
  }
  return [...heads.values()];
}

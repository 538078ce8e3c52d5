import { displace, refuseAsTooLarge } from '../../domain/identity/displace.ts';
import type { Evidence, GraphNode, IdentityRules } from '../../domain/identity/evidence.ts';
import { applyEvidence, createGraph, single } from '../../domain/identity/graph.ts';
import type { Cluster, Graph } from '../../domain/identity/graph.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import { aggregate, compareEvidence, nodesOf, pairKey } from '../../domain/identity/order.ts';
import { ConditionFailed, StoreUnavailable, isTransient } from '../errors.ts';
import type { Table } from '../ports.ts';
import { PlanTooLarge, commitGroups, repoint } from './commit.ts';
import { createNeighbourhood } from './neighbourhood.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import { planChanges } from './plan.ts';
import type { DirectoryRecords } from './records.ts';
import type { IdentityInput, IdentityOutcome } from './types.ts';

/** Attempts against other writers. Each failed one means that another writer got on, so this is far out of reach. */
const ATTEMPTS_MAX = 100;

/** What resolving stands on. */
export interface Resolver {
  readonly table: Table;
  readonly records: DirectoryRecords;
  /** The tenant's rules in force; asked once a call. */
  readonly rules: () => Promise<IdentityRules>;
  /** ISO 8601 UTC. */
  readonly now: () => string;
  readonly mint: () => ProfileId;
}

/** See `ProfileDirectory.resolve`. */
export async function resolve(
  resolver: Resolver,
  input: IdentityInput,
  cause: string,
): Promise<IdentityOutcome> {
  const rules = await resolver.rules();
  const evidence = [...aggregate(input.evidence).values()].sort((x, y) => compareEvidence(x, y, rules));
  const nodes = nodesOf(input.nodes, evidence);
  const profiles = await resolvePart(resolver, { nodes, evidence, rules, displacing: true }, cause);
  const effects = await resolver.records.effects(cause);
  const wanted = new Map<FragmentId, ProfileId>();
  for (const { fragment } of input.nodes) {
    const profile = profiles.get(fragment);
    if (profile !== undefined) wanted.set(fragment, profile);
  }
  return { ...effects, profiles: wanted };
}

interface Part {
  readonly nodes: ReadonlyMap<FragmentId, GraphNode>;
  /** One piece a pair, in the order of evidence. */
  readonly evidence: readonly Evidence[];
  readonly rules: IdentityRules;
  /** Whether evidence in force may be displaced. */
  readonly displacing: boolean;
}

/** Halves what does not fit a transaction: each half leaves the directory as the evidence so far has it. */
async function resolvePart(
  resolver: Resolver,
  part: Part,
  cause: string,
): Promise<Map<FragmentId, ProfileId>> {
  try {
    return await retrying(() => attempt(resolver, part, cause));
  } catch (error) {
    if (!(error instanceof PlanTooLarge)) throw error;
  }
  if (part.evidence.length === 0) throw new PlanTooLarge();
  if (part.evidence.length === 1) {
    if (!part.displacing) throw new PlanTooLarge();
    return resolvePart(resolver, { ...part, displacing: false }, cause);
  }
  const middle = Math.ceil(part.evidence.length / 2);
  const first = part.evidence.slice(0, middle);
  const last = part.evidence.slice(middle);
  await resolvePart(resolver, { ...part, nodes: nodesOf([], first), evidence: first }, cause);
  await resolvePart(resolver, { ...part, nodes: nodesOf([], last), evidence: last }, cause);
  return resolvePart(resolver, { ...part, evidence: [] }, cause);
}

/** Repeats what lost against another writer. Throws `StoreUnavailable` when that does not end. */
export async function retrying<T>(attemptOnce: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attemptOnce();
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (attempts >= ATTEMPTS_MAX)
        throw new StoreUnavailable('the profile directory, for too many writers,', { cause: error });
    }
  }
}

async function attempt(resolver: Resolver, part: Part, cause: string): Promise<Map<FragmentId, ProfileId>> {
  const around = createNeighbourhood(resolver.records);
  await around.locate(part.nodes.keys());
  const view = createView(part.rules, around, part.nodes);
  for (const node of part.nodes.values()) if (around.homeOf(node.fragment) === undefined) view.show(node);
  for (const piece of part.evidence) await applyPiece(view, piece, part.displacing);
  const { groups, profiles } = planChanges(view.graph, view.clusters(), {
    cause,
    rules: part.rules,
    now: resolver.now(),
    mint: resolver.mint,
    decisionOf: (profile) => around.decisionOf(profile),
    homeOf: (fragment) => view.homeOf(fragment),
  });
  const homeOf = (fragment: FragmentId): ProfileId | undefined => {
    const cluster = view.graph.clusterOf(fragment);
    return (cluster && profiles.get(cluster)) ?? view.homeOf(fragment);
  };
  const commit = { table: resolver.table, records: resolver.records, around, cause, homeOf };
  await commitGroups(groups, commit);
  const moved = new Set(groups.flatMap((group) => group.moved));
  for (const fragment of around.located.keys()) {
    const pointer = around.pointerOf(fragment);
    if (pointer && pointer.profile !== homeOf(fragment)) moved.add(fragment);
  }
  try {
    await repoint([...moved], commit);
  } catch (error) {
    // All is decided and stored; whoever resolves these fragments next tries again.
    if (!(error instanceof ConditionFailed) && !isTransient(error)) throw error;
  }
  return new Map(
    [...part.nodes.keys()].flatMap((fragment) => {
      const profile = homeOf(fragment);
      return profile === undefined ? [] : [[fragment, profile] as const];
    }),
  );
}

/** The graph over a neighbourhood: a profile enters it when evidence touches it. */
interface View {
  readonly graph: Graph;
  readonly around: Neighbourhood;
  /** Brings the fragment's profile in, or the fragment alone. It must have been located. */
  show(node: GraphNode): Cluster;
  /** The stored profile of any fragment that has come in. */
  homeOf(fragment: FragmentId): ProfileId | undefined;
  clusters(): Set<Cluster>;
}

function createView(
  rules: IdentityRules,
  around: Neighbourhood,
  nodes: ReadonlyMap<FragmentId, GraphNode>,
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
    const cluster: Cluster = single(node, groups++);
    if (home !== undefined && head) {
      cluster.dirty = false;
      cluster.counts.clear();
      for (const member of head.members) {
        // In two profiles at once: they were read at different times, and one of them is of the past.
        const seen: ProfileId = around.homeOf(member.fragment) ?? home;
        if (seen !== home || graph.clusterOf(member.fragment)) throw new ConditionFailed([]);
        cluster.members.set(member.fragment, member);
        homes.set(member.fragment, home);
        cluster.counts.set(member.type, (cluster.counts.get(member.type) ?? 0) + 1);
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
  return { graph, around, homeOf, show, clusters };
}

async function applyPiece(view: View, piece: Evidence, displacing: boolean): Promise<void> {
  view.show(piece.a);
  view.show(piece.b);
  if (applyEvidence(view.graph, piece) !== 'displaces') return;
  for (;;) {
    const result = displacing ? displace(view.graph, piece) : ({ status: 'too-large' } as const);
    if (result.status === 'done') return;
    if (result.status === 'too-large') {
      refuseAsTooLarge(view.graph, piece);
      return;
    }
    await view.around.locate(result.nodes.map((node) => node.fragment));
    for (const node of result.nodes) view.show(node);
  }
}

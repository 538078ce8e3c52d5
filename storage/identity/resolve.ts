import { compareText } from '../../domain/canonical.ts';
import { namedBy, requestOf } from '../../domain/identity/decide.ts';
import type { RulingRefusal, RulingRequest } from '../../domain/identity/decide.ts';
import { DISPLACED_PROFILES_MAX } from '../../domain/identity/displace.ts';
import type { Evidence, GraphNode, IdentityRules } from '../../domain/identity/evidence.ts';
import type { Cluster, Graph } from '../../domain/identity/graph.ts';
import type { HoldKind } from '../../domain/identity/holds.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import { aggregate, compareEvidence, nodesOf } from '../../domain/identity/order.ts';
import { withheldEnd } from '../../domain/identity/withhold.ts';
import { ConditionFailed, StoreUnavailable, isTransient } from '../errors.ts';
import type { Table } from '../ports.ts';
import { loadApart } from './apart.ts';
import { PlanTooLarge, commitGroups, prepareGroups, repoint } from './commit.ts';
import type { Commit } from './commit.ts';
import { newHolds } from './holds.ts';
import { createNeighbourhood } from './neighbourhood.ts';
import { planAlone } from './plan-alone.ts';
import { planChanges } from './plan.ts';
import type { Group } from './plan.ts';
import { preparedMark } from './prepared.ts';
import type { DirectoryRecords } from './records.ts';
import type { IdentityInput, IdentityOutcome } from './types.ts';
import { applyPiece, applyRequest, createView, occupy } from './view.ts';
import type { View } from './view.ts';

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
  /** Told of what came on hold, once it is stored. */
  readonly onHold: (kind: HoldKind) => void;
  /** Most operations of a transaction. */
  readonly opsMax: number;
}

/** See `ProfileDirectory.resolve`. */
export async function resolve(
  resolver: Resolver,
  input: IdentityInput,
  cause: string,
): Promise<IdentityOutcome> {
  const rules = await resolver.rules();
  const part = partOf(input, rules);
  const profiles = await resolvePart(resolver, part, cause);
  const effects = await resolver.records.effects(cause);
  const wanted = new Map<FragmentId, ProfileId>();
  for (const { fragment } of input.nodes) {
    const profile = profiles.get(fragment);
    if (profile !== undefined) wanted.set(fragment, profile);
  }
  return { ...effects, profiles: wanted, refused: part.refused };
}

/** See `ProfileDirectory.prepare`. */
export async function prepare(resolver: Resolver, input: IdentityInput, cause: string): Promise<number> {
  const part = partOf(input, await resolver.rules());
  try {
    return await retrying(async () => {
      const { groups, commit } = await planned(resolver, part, cause);
      return prepareGroups(groups, commit);
    });
  } catch (error) {
    // What has to be halved prepares nothing: each part writes what it needs by itself.
    if (error instanceof PlanTooLarge) return 0;
    throw error;
  }
}

/** See `ProfileDirectory.repoint`. */
export async function repointAll(
  resolver: Resolver,
  fragments: readonly FragmentId[],
  cause: string,
): Promise<void> {
  await retrying(async () => {
    const around = createNeighbourhood(resolver.records);
    await around.locate(fragments);
    const homes = new Map<FragmentId, ProfileId>();
    for (const fragment of fragments) {
      const home = around.homeOf(fragment);
      const head = home === undefined ? undefined : around.decisionOf(home)?.head;
      for (const member of head?.members ?? []) homes.set(member.fragment, head?.profileId ?? '');
    }
    const { table, records, opsMax } = resolver;
    const homeOf = (fragment: FragmentId): ProfileId | undefined => homes.get(fragment);
    await repoint([...homes.keys()], { table, records, around, cause, homeOf, opsMax });
  });
}

function partOf(input: IdentityInput, rules: IdentityRules): Part {
  const { requests, evidence } = sorted(input, rules);
  const blocked = input.blocked ?? new Set<FragmentId>();
  return {
    nodes: endsOf([...requests, ...evidence], blocked, input.nodes),
    blocked,
    pieces: [...requests, ...evidence],
    rules,
    profilesMax: input.profilesMax ?? DISPLACED_PROFILES_MAX,
    refused: new Map(),
    prepared: input.prepared ?? false,
  };
}

interface Part {
  readonly nodes: ReadonlyMap<FragmentId, GraphNode>;
  /** What people want, in the order of their wanting it; then one piece a pair, in the order of evidence. */
  readonly pieces: readonly (RulingRequest | Evidence)[];
  readonly rules: IdentityRules;
  /** Ends of pieces that name nobody. */
  readonly blocked: ReadonlySet<FragmentId>;
  /** Most profiles judged anew together; with 0, what would have to be is refused. */
  readonly profilesMax: number;
  /** Collects the rulings that were not made. */
  readonly refused: Map<string, RulingRefusal>;
  /** Whether what is committed moves the cause's mark on. */
  readonly prepared: boolean;
}

/** Parts what people want from what was seen, each in its order. */
function sorted(
  input: IdentityInput,
  rules: IdentityRules,
): { requests: RulingRequest[]; evidence: Evidence[] } {
  const requests: RulingRequest[] = [...(input.splits ?? [])];
  const seen: Evidence[] = [];
  for (const piece of input.evidence) {
    const request = requestOf(piece);
    if (request) requests.push(request);
    else seen.push(piece);
  }
  requests.sort((x, y) => compareText(x.at, y.at) || compareText(x.id, y.id));
  const evidence = [...aggregate(seen).values()].sort((x, y) => compareEvidence(x, y, rules));
  return { requests, evidence };
}

/** The fragments that pieces are to be judged with, beside those that are there anyway. */
function endsOf(
  pieces: readonly (RulingRequest | Evidence)[],
  blocked: ReadonlySet<FragmentId>,
  nodes: readonly GraphNode[] = [],
): Map<FragmentId, GraphNode> {
  const ends = pieces.flatMap((piece) => {
    if ('kind' in piece) return namedBy(piece);
    const withheld = withheldEnd(piece, blocked);
    return [piece.a, piece.b].filter((end) => end !== withheld);
  });
  return nodesOf([...nodes, ...ends], []);
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
  const { pieces } = part;
  if (pieces.length === 0) throw new PlanTooLarge();
  if (pieces.length === 1) {
    if (part.profilesMax === 0) throw new PlanTooLarge();
    return resolvePart(resolver, { ...part, profilesMax: 0 }, cause);
  }
  const middle = Math.ceil(pieces.length / 2);
  for (const half of [pieces.slice(0, middle), pieces.slice(middle)])
    await resolvePart(resolver, { ...part, nodes: endsOf(half, part.blocked), pieces: half }, cause);
  return resolvePart(resolver, { ...part, pieces: [] }, cause);
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

/** What is to be written, and on what it stands. */
export interface Planned {
  readonly groups: readonly Group[];
  readonly commit: Commit;
}

/** What the part comes to on the directory as it stands. Writes nothing. */
async function planned(
  resolver: Resolver,
  part: Part,
  cause: string,
): Promise<Planned & { readonly refused: ReadonlyMap<string, RulingRefusal> }> {
  const around = createNeighbourhood(resolver.records);
  await around.locate(part.nodes.keys());
  const view = createView(part.rules, around, part.nodes, apartLoader(resolver));
  const refused = new Map<string, RulingRefusal>();
  for (const node of part.nodes.values()) occupy(view, node);
  for (const piece of part.pieces) {
    if ('kind' in piece) await applyRequest(view, piece, part.profilesMax, refused);
    else await applyPiece(view, piece, part);
  }
  const { groups, commit } = planOf(resolver, view, view.graph, view.clusters(), cause);
  const alone = planAlone(
    [...part.nodes.values()].filter(({ fragment }) => isAlone(view, fragment)),
    { cause, rules: part.rules, now: resolver.now(), mint: resolver.mint },
  );
  const homeOf: Commit['homeOf'] = (fragment) => alone.profiles.get(fragment) ?? commit.homeOf(fragment);
  return { groups: [...groups, ...alone.groups], commit: { ...commit, homeOf }, refused };
}

/** Whether the fragment has no profile, and no piece has brought it in. */
function isAlone({ around, graph }: View, fragment: FragmentId): boolean {
  return around.homeOf(fragment) === undefined && graph.clusterOf(fragment) === undefined;
}

/** Brings in what heads have no room for. */
export function apartLoader({ table, records }: Resolver): View['loadApart'] {
  return (cluster) => loadApart(table, records, cluster);
}

/** What it takes to store the clusters of a graph, where the view shows what is stored. */
export function planOf(
  resolver: Resolver,
  { around, homeOf: storedHome }: Pick<View, 'around' | 'homeOf'>,
  graph: Graph,
  clusters: Iterable<Cluster>,
  cause: string,
): Planned {
  const { groups, profiles } = planChanges(graph, clusters, {
    cause,
    rules: graph.rules,
    now: resolver.now(),
    mint: resolver.mint,
    decisionOf: (profile) => around.decisionOf(profile),
    homeOf: storedHome,
  });
  const homeOf = (fragment: FragmentId): ProfileId | undefined => {
    const cluster = graph.clusterOf(fragment);
    return (cluster && profiles.get(cluster)) ?? storedHome(fragment);
  };
  const { table, records, opsMax } = resolver;
  return { groups, commit: { table, records, around, cause, homeOf, opsMax } };
}

async function attempt(resolver: Resolver, part: Part, cause: string): Promise<Map<FragmentId, ProfileId>> {
  const prepared = part.prepared ? await preparedMark(resolver.table, cause) : undefined;
  const plan = await planned(resolver, part, cause);
  const { groups, refused } = plan;
  const commit = { ...plan.commit, ...(prepared && { prepared }) };
  await store(resolver, { groups, commit }, part.rules);
  for (const [id, reason] of refused) part.refused.set(id, reason);
  return new Map(
    [...part.nodes.keys()].flatMap((fragment) => {
      const profile = commit.homeOf(fragment);
      return profile === undefined ? [] : [[fragment, profile] as const];
    }),
  );
}

/** Writes what was planned, and points the fragments that moved at where they are now. */
export async function store(
  resolver: Resolver,
  { groups, commit }: Planned,
  rules: IdentityRules,
): Promise<void> {
  const { around, homeOf } = commit;
  await commitGroups(groups, commit);
  for (const kind of newHolds(groups, rules)) resolver.onHold(kind);
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
}

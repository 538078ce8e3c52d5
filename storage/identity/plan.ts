import type { GraphNode, IdentityRules, ProfileHead } from '../../domain/identity/evidence.ts';
import { isVacant } from '../../domain/identity/graph.ts';
import type { Cluster, Graph } from '../../domain/identity/graph.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import { canonicalJson } from '../../domain/canonical.ts';
import { compareText } from '../../domain/canonical.ts';
import { rank } from '../../domain/identity/rules.ts';
import { rulingsOf } from '../../domain/identity/ruling.ts';
import type { ApartPiece } from './apart.ts';
import { REFUSED_MAX, crowdedOut, keptRefusals, sortedValues } from './refusals.ts';
import type { Decision } from './types.ts';

/** A profile's next decision and, unless it is the first, the one it follows. */
export interface Step {
  readonly next: Decision;
  readonly previous?: Decision;
}

/** Profiles that change together or not at all. */
export interface Group {
  readonly steps: readonly Step[];
  /** Fragments that had no profile, with the one they get. */
  readonly placed: readonly (readonly [FragmentId, ProfileId])[];
  /** Fragments whose pointers may name another profile from now on. */
  readonly moved: readonly FragmentId[];
  /** Fragments at the other end of what was refused: their profiles' state was part of the judgement. */
  readonly judgedBy: readonly FragmentId[];
  /** Refused evidence that the heads have no room for. */
  readonly apart: readonly ApartPiece[];
}

/** What a plan needs to know of the world. */
export interface PlanContext {
  readonly cause: string;
  readonly rules: IdentityRules;
  /** ISO 8601 UTC. */
  readonly now: string;
  readonly mint: () => ProfileId;
  readonly decisionOf: (profile: ProfileId) => Decision | undefined;
  readonly homeOf: (fragment: FragmentId) => ProfileId | undefined;
}

/** The groups of decisions that store what became of the graph, and the profile of each cluster in it. */
export function planChanges(
  graph: Graph,
  clusters: Iterable<Cluster>,
  context: PlanContext,
): { groups: Group[]; profiles: Map<Cluster, ProfileId> } {
  const byGroup = new Map<number, Cluster[]>();
  for (const cluster of clusters) {
    const group = graph.groupOf(cluster);
    const known = byGroup.get(group);
    if (known) known.push(cluster);
    else byGroup.set(group, [cluster]);
  }
  const profiles = new Map<Cluster, ProfileId>();
  const groups: Group[] = [];
  for (const together of byGroup.values()) {
    const group = planGroup(together, profiles, context);
    if (group) groups.push(group);
  }
  return { groups, profiles };
}

function planGroup(
  clusters: readonly Cluster[],
  profiles: Map<Cluster, ProfileId>,
  context: PlanContext,
): Group | undefined {
  const heirs = heirsOf(clusters, context);
  const minted = new Set<ProfileId>();
  const homes = new Map<FragmentId, ProfileId>();
  for (const cluster of clusters) {
    const [oldest] = heirs.get(cluster) ?? [];
    const profile = oldest?.head.profileId ?? context.mint();
    if (!oldest) minted.add(profile);
    profiles.set(cluster, profile);
    for (const fragment of cluster.members.keys()) homes.set(fragment, profile);
  }
  if (!clusters.some((cluster) => cluster.dirty)) return undefined;
  const [only, ...more] = clusters;
  const apart = clusters.flatMap((cluster) => crowdedOut(cluster, context.rules));
  if (only && more.length === 0 && saysNothingNew(only, heirs.get(only) ?? [], context))
    return apart.length === 0 ? undefined : { steps: [], placed: [], moved: [], judgedBy: [], apart };
  const before = [...heirs.values()].flat();
  const recordedAt = before.reduce(
    (latest, decision) => (decision.recordedAt > latest ? decision.recordedAt : latest),
    context.now,
  );
  const steps: Step[] = [];
  for (const cluster of clusters) {
    const [survivor, ...absorbed] = heirs.get(cluster) ?? [];
    const profile = profiles.get(cluster);
    if (profile === undefined) continue;
    const absorbedIds = absorbed.map((decision) => decision.head.profileId);
    steps.push(survives(cluster, profile, survivor, absorbedIds, { homes, recordedAt, context }));
    for (const previous of absorbed)
      steps.push(mergesAway(previous, profile, { homes, recordedAt, context }));
  }
  const fragments = [...homes.keys()];
  return {
    steps,
    placed: [...homes].filter(([fragment]) => context.homeOf(fragment) === undefined),
    moved: fragments.filter((fragment) => {
      const home = context.homeOf(fragment);
      return home !== undefined && home !== homes.get(fragment);
    }),
    judgedBy: judgesOf(clusters, homes),
    apart,
  };
}

/**
 * The profiles that go on in each cluster, oldest first: a profile goes where its anchor goes, which is its strongest
 * member, by address among equals. The oldest keeps its id; the others are merged into it.
 */
function heirsOf(clusters: readonly Cluster[], context: PlanContext): Map<Cluster, Decision[]> {
  const clusterOf = new Map<FragmentId, Cluster>();
  const before = new Map<ProfileId, Decision>();
  for (const cluster of clusters) {
    for (const fragment of cluster.members.keys()) {
      clusterOf.set(fragment, cluster);
      const home = context.homeOf(fragment);
      const decision = home === undefined ? undefined : context.decisionOf(home);
      if (home !== undefined && decision) before.set(home, decision);
    }
  }
  const heirs = new Map<Cluster, Decision[]>();
  for (const decision of before.values()) {
    const anchor = anchorOf(decision.head.members, context.rules);
    const cluster = anchor && clusterOf.get(anchor.fragment);
    if (!cluster) continue;
    const known = heirs.get(cluster);
    if (known) known.push(decision);
    else heirs.set(cluster, [decision]);
  }
  for (const list of heirs.values())
    list.sort(
      (x, y) =>
        compareText(x.head.mintedAt, y.head.mintedAt) || compareText(x.head.profileId, y.head.profileId),
    );
  return heirs;
}

function anchorOf(members: readonly GraphNode[], rules: IdentityRules): GraphNode | undefined {
  let anchor: GraphNode | undefined;
  for (const node of members) {
    const order = anchor
      ? rank(node.type, rules) - rank(anchor.type, rules) || compareText(node.fragment, anchor.fragment)
      : -1;
    if (order < 0) anchor = node;
  }
  return anchor;
}

interface Moment {
  readonly homes: ReadonlyMap<FragmentId, ProfileId>;
  readonly recordedAt: string;
  readonly context: PlanContext;
}

function survives(
  cluster: Cluster,
  profile: ProfileId,
  previous: Decision | undefined,
  absorbed: readonly ProfileId[],
  { homes, recordedAt, context }: Moment,
): Step {
  const old = previous?.head;
  const left = (old?.members ?? []).filter((node) => !cluster.members.has(node.fragment));
  const moved = movedFrom(old, profile, homes);
  const gone = left.map((node) => homes.get(node.fragment)).filter((id) => id !== undefined);
  const came = [...cluster.members.keys()]
    .map((fragment) => context.homeOf(fragment))
    .filter((id) => id !== undefined && id !== profile);
  const others = [...new Set([...absorbed, ...gone, ...came])]
    .filter((id) => id !== undefined)
    .sort(compareText);
  const head: ProfileHead = {
    profileId: profile,
    mintedAt: old?.mintedAt ?? recordedAt,
    mintedBy: old?.mintedBy ?? context.cause,
    members: [...cluster.members.values()].sort((x, y) => compareText(x.fragment, y.fragment)),
    links: sortedValues(cluster.links),
    refused: keptRefusals(cluster, context.rules),
    ...((cluster.apart !== 'none' || cluster.refused.size > REFUSED_MAX) && { apart: true }),
    ...(cluster.marks.size > 0 && { rulings: rulingsOf(cluster.marks) }),
    ...isolatedOf(cluster),
    ...(isVacant(cluster) && { vacant: true as const }),
    rulesVersion: context.rules.version,
    moved,
  };
  const kind = kindOf(old, head, { absorbed: absorbed.length > 0, exchanged: others.length > 0 });
  return step(previous, { kind, head, others }, recordedAt, context.cause);
}

function isolatedOf({ isolated }: Cluster): Pick<ProfileHead, 'isolated'> {
  return isolated.size === 0 ? {} : { isolated: Object.fromEntries(isolated) };
}

function kindOf(
  old: ProfileHead | undefined,
  head: ProfileHead,
  did: { readonly absorbed: boolean; readonly exchanged: boolean },
): Decision['kind'] {
  if (!old) return 'minted';
  if (did.absorbed) return 'absorbed';
  if (did.exchanged) return 'moved';
  if (old.vacant !== head.vacant) return head.vacant === true ? 'vacated' : 'occupied';
  const same = old.members.length === head.members.length && old.links.length === head.links.length;
  return same && JSON.stringify(old.links) === JSON.stringify(head.links) ? 'refused' : 'linked';
}

function mergesAway(previous: Decision, into: ProfileId, { homes, recordedAt, context }: Moment): Step {
  const old = previous.head;
  const moved = movedFrom(old, into, homes);
  const head: ProfileHead = {
    profileId: old.profileId,
    mintedAt: old.mintedAt,
    mintedBy: old.mintedBy,
    members: [],
    links: [],
    refused: [],
    rulesVersion: context.rules.version,
    mergedInto: into,
    mergedBy: context.cause,
    moved,
  };
  const others = [...new Set([into, ...Object.values(moved)])].sort(compareText);
  return step(previous, { kind: 'merged-away', head, others }, recordedAt, context.cause);
}

/** Former fragments that are not where `usual` is, with where they are. */
function movedFrom(
  old: ProfileHead | undefined,
  usual: ProfileId,
  homes: ReadonlyMap<FragmentId, ProfileId>,
): Record<FragmentId, ProfileId> {
  const moved: Record<FragmentId, ProfileId> = {};
  for (const [fragment, profile] of Object.entries(old?.moved ?? {}))
    if (homes.get(fragment) !== usual) moved[fragment] = homes.get(fragment) ?? profile;
  for (const { fragment } of old?.members ?? []) {
    const home = homes.get(fragment);
    if (home !== undefined && home !== usual) moved[fragment] = home;
  }
  return moved;
}

function step(
  previous: Decision | undefined,
  made: Pick<Decision, 'kind' | 'head' | 'others'>,
  recordedAt: string,
  cause: string,
): Step {
  const next: Decision = { version: (previous?.version ?? 0) + 1, recordedAt, cause, ...made };
  return previous ? { next, previous } : { next };
}

/** Refusals that the head had no room for come back whenever their evidence does. */
function saysNothingNew(cluster: Cluster, heirs: readonly Decision[], { rules }: PlanContext): boolean {
  const [head, ...absorbed] = heirs.map((decision) => decision.head);
  if (!head || absorbed.length > 0) return false;
  if (head.members.length !== cluster.members.size || head.links.length !== cluster.links.size) return false;
  return (
    isVacant(cluster) === (head.vacant === true) &&
    canonicalJson(head.isolated) === canonicalJson(isolatedOf(cluster).isolated) &&
    canonicalJson(head.links) === canonicalJson(sortedValues(cluster.links)) &&
    canonicalJson(head.refused) === canonicalJson(keptRefusals(cluster, rules)) &&
    canonicalJson(head.rulings ?? []) === canonicalJson(rulingsOf(cluster.marks))
  );
}

function judgesOf(clusters: readonly Cluster[], homes: ReadonlyMap<FragmentId, ProfileId>): FragmentId[] {
  const judges = new Set<FragmentId>();
  for (const cluster of clusters) {
    for (const key of cluster.judged) {
      const evidence = cluster.refused.get(key)?.evidence;
      for (const end of evidence ? [evidence.a, evidence.b] : [])
        if (!homes.has(end.fragment)) judges.add(end.fragment);
    }
  }
  return [...judges];
}

import type { Evidence, GraphNode } from '../../domain/identity/evidence.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { aggregate, pairKey } from '../../domain/identity/order.ts';
import { UnionFind } from '../../domain/identity/union.ts';
import { withheldEnd } from '../../domain/identity/withhold.ts';
import { forgetApart } from './apart.ts';
import { ProfileTooLarge } from './codec.ts';
import { PlanTooLarge } from './commit.ts';
import type { Resolver } from './resolve.ts';
import { withdraw, withdrawInSteps } from './withdraw.ts';
import type { IdentityCorrected, IdentityCorrection } from './types.ts';
import type { Withdrawal } from './view.ts';

/** Sets of profiles that are taken up together: they share reads and transactions. */
const REGIONS_AT_ONCE = 20;

/** What is said of one pair and source: that it holds no longer, what holds, or that the one holds in place of the other. */
interface Unit {
  readonly key: string;
  /** Those that name somebody: one of a value that is blocked, which many share. */
  readonly ends: readonly GraphNode[];
  readonly isWithdrawn: boolean;
  readonly evidence?: Evidence;
}

/** Units that hang together, and nodes that nothing is said of. */
interface Region {
  readonly units: readonly Unit[];
  readonly nodes: readonly GraphNode[];
}

/** A region while it is put together. */
interface Gathered {
  readonly units: Unit[];
  readonly nodes: Map<FragmentId, GraphNode>;
}

function unitsOf({ withdrawn, evidence, blocked }: IdentityCorrection): Unit[] {
  const units = new Map<string, Unit>();
  const endsOf = (piece: Evidence): GraphNode[] => {
    const withheld = withheldEnd(piece, blocked);
    return [piece.a, piece.b].filter((end) => end !== withheld);
  };
  for (const piece of withdrawn)
    units.set(pairKey(piece), { key: pairKey(piece), ends: endsOf(piece), isWithdrawn: true });
  for (const [key, piece] of aggregate(evidence)) {
    const isWithdrawn = units.has(key);
    units.set(key, { key, ends: endsOf(piece), isWithdrawn, evidence: piece });
  }
  return [...units.values()];
}

function regionsOf(correction: IdentityCorrection): Region[] {
  const sets = new UnionFind();
  const units = unitsOf(correction);
  const nodes = [...correction.nodes, ...units.flatMap(({ ends }) => ends)];
  for (const node of nodes) sets.add(node);
  for (const {
    ends: [a, b],
  } of units)
    if (a && b) sets.union(a.fragment, b.fragment);
  const regions = new Map<FragmentId, Gathered>();
  const regionOf = ({ fragment }: GraphNode): Gathered => {
    const root = sets.find(fragment);
    const region: Gathered = regions.get(root) ?? { units: [], nodes: new Map() };
    regions.set(root, region);
    return region;
  };
  for (const node of nodes) regionOf(node).nodes.set(node.fragment, node);
  for (const unit of units) {
    const [end] = unit.ends;
    if (end) regionOf(end).units.push(unit);
  }
  return [...regions.values()].map((region) => ({ units: region.units, nodes: [...region.nodes.values()] }));
}

function withdrawalOf(
  { units, nodes }: Region,
  { empty, blocked }: Pick<IdentityCorrection, 'empty' | 'blocked'>,
): Withdrawal {
  return {
    blocked,
    evidence: units.flatMap(({ evidence }) => evidence ?? []),
    withdrawn: {
      nodes,
      pairs: new Set(units.flatMap(({ key, isWithdrawn }) => (isWithdrawn ? [key] : []))),
      empty: new Set(nodes.flatMap(({ fragment }) => (empty.has(fragment) ? [fragment] : []))),
    },
  };
}

/** What holds no longer, with nothing in its place. */
function goneIn({ units }: Region): Unit[] {
  return units.filter(({ isWithdrawn, evidence }) => isWithdrawn && evidence === undefined);
}

/** Parts a region in two; nodes without a unit stay with the first. */
function halves({ units, nodes }: Region): [Region, Region] {
  const middle = units.length >> 1;
  const after = units.slice(middle);
  const ends = new Map(after.flatMap((unit) => unit.ends).map((node) => [node.fragment, node]));
  return [
    { units: units.slice(0, middle), nodes },
    { units: after, nodes: [...ends.values()] },
  ];
}

/** See `ProfileDirectory.correct`. */
export async function correct(
  resolver: Resolver,
  correction: IdentityCorrection,
  cause: string,
): Promise<IdentityCorrected> {
  let left = 0;
  const apply = async (regions: readonly Region[]): Promise<void> => {
    if (regions.length === 0) return;
    // First, for judging anew brings in what is stored apart, and may store there what holds in its place.
    const withdrawn = regions.flatMap(({ units }) => units.filter(({ isWithdrawn }) => isWithdrawn));
    await forgetApart(resolver.table, withdrawn);
    try {
      await withdraw(
        resolver,
        regions.map((region) => withdrawalOf(region, correction)),
        cause,
      );
      // Judged beside it before, a part of the same region may have stored some of it apart again.
      await forgetApart(resolver.table, regions.flatMap(goneIn));
      return;
    } catch (error) {
      if (!(error instanceof PlanTooLarge) && !(error instanceof ProfileTooLarge)) throw error;
    }
    const [only, ...more] = regions;
    if (only === undefined) return;
    if (more.length > 0) {
      const middle = regions.length >> 1;
      await apply(regions.slice(0, middle));
      await apply(regions.slice(middle));
    } else if (only.units.length > 1) {
      for (const half of halves(only)) await apply([half]);
    } else if (!(await withdrawInSteps(resolver, withdrawalOf(only, correction), cause))) left += 1;
  };
  const regions = regionsOf(correction);
  for (let i = 0; i < regions.length; i += REGIONS_AT_ONCE)
    await apply(regions.slice(i, i + REGIONS_AT_ONCE));
  await forgetApart(resolver.table, regions.flatMap(goneIn));
  return { ...(await resolver.records.effects(cause)), left };
}

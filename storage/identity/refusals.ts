import { compareText } from '../../domain/canonical.ts';
import type { IdentityRules, Refusal } from '../../domain/identity/evidence.ts';
import type { Cluster } from '../../domain/identity/graph.ts';
import { compareEvidence, pairKey } from '../../domain/identity/order.ts';
import type { ApartPiece } from './apart.ts';

/**
 * Most refused evidence that a head keeps, strongest first. What a profile that everybody touches (a shop's own phone, a
 * kiosk) has beyond that is stored apart, and brought in whenever the profile is judged anew.
 */
export const REFUSED_MAX = 500;

/** What a head keeps of its cluster's refused evidence, by pair. */
export function keptRefusals(cluster: Cluster, rules: IdentityRules): Refusal[] {
  if (cluster.refused.size <= REFUSED_MAX) return sortedValues(cluster.refused);
  const strongest = strongestFirst(cluster, rules).slice(0, REFUSED_MAX);
  return strongest.sort((x, y) => compareText(pairKey(x.evidence), pairKey(y.evidence)));
}

/** What it has no room for. */
export function crowdedOut(cluster: Cluster, rules: IdentityRules): ApartPiece[] {
  if (cluster.refused.size <= REFUSED_MAX) return [];
  return strongestFirst(cluster, rules)
    .slice(REFUSED_MAX)
    .flatMap((refusal) =>
      [refusal.evidence.a, refusal.evidence.b]
        .filter(({ fragment }) => cluster.members.has(fragment))
        .map(({ fragment }) => ({ fragment, refusal })),
    );
}

function strongestFirst(cluster: Cluster, rules: IdentityRules): Refusal[] {
  return [...cluster.refused.values()].sort((x, y) => compareEvidence(x.evidence, y.evidence, rules));
}

/** Values in the order of their names. */
export function sortedValues<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].sort(([x], [y]) => compareText(x, y)).map(([, value]) => value);
}

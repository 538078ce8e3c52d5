import { NumberedSets } from '../components.ts';
import type { WholeGraph } from './columns.ts';
import type { WholePartition } from './judge.ts';

/** Profiles that exchange fragments under the other partition, and what becomes of them. */
export interface ChangedRegion {
  /** Numbers of the profiles as they are. */
  readonly profiles: readonly number[];
  /** The fragments of each profile as it is to be. */
  readonly parts: readonly (readonly number[])[];
}

/** How two partitions of a tenant differ. */
export interface Difference {
  readonly regions: readonly ChangedRegion[];
  readonly profilesBefore: number;
  readonly profilesAfter: number;
}

/**
 * Compares the profiles as they are with a partition: profiles and parts that share a fragment are one region, and a
 * region of one profile and one part is no change.
 */
export function compareWhole(
  graph: WholeGraph,
  { label, isolated }: Pick<WholePartition, 'label' | 'isolated'>,
): Difference {
  const profileOf = graph.profileOf.view();
  const profiles = graph.profiles.all.length;
  const sets = new NumberedSets(profiles + label.length);
  const firstPart = new Int32Array(profiles).fill(-1);
  const changed = new Uint8Array(profiles + label.length);
  const firstProfile = new Int32Array(label.length).fill(-1);
  let profilesAfter = 0;
  for (const [fragment, part] of label.entries()) {
    const profile = profileOf[fragment] ?? -1;
    // A value that names nobody has no profile, and is none unless something is joined to it.
    if (profile < 0) continue;
    if (firstProfile[part] === -1) {
      profilesAfter++;
      firstProfile[part] = profile;
    } else if (firstProfile[part] !== profile) changed[profile] = 1;
    if (firstPart[profile] === -1) firstPart[profile] = part;
    else if (firstPart[profile] !== part) changed[profile] = 1;
    sets.union(profile, profiles + part);
  }
  const letIn = new Set<number>();
  for (const [fragment, part] of label.entries())
    if (profileOf[fragment] === -1 && firstProfile[part] === -1 && isolated.get(fragment) !== 'blocked')
      letIn.add(part);
  const regions = regionsOf(graph, label, sets, changed);
  return { regions, profilesBefore: profiles, profilesAfter: profilesAfter + letIn.size };
}

function regionsOf(
  graph: WholeGraph,
  label: Int32Array,
  sets: NumberedSets,
  changed: Uint8Array,
): ChangedRegion[] {
  const profiles = graph.profiles.all.length;
  const regions = new Map<number, { profiles: number[]; parts: Map<number, number[]> }>();
  for (let profile = 0; profile < profiles; profile++)
    if (changed[profile] === 1) regions.set(sets.find(profile), { profiles: [], parts: new Map() });
  if (regions.size === 0) return [];
  for (let profile = 0; profile < profiles; profile++)
    regions.get(sets.find(profile))?.profiles.push(profile);
  const profileOf = graph.profileOf.view();
  for (const [fragment, part] of label.entries()) {
    if ((profileOf[fragment] ?? -1) < 0) continue;
    const region = regions.get(sets.find(profiles + part));
    const known = region?.parts.get(part);
    if (known) known.push(fragment);
    else region?.parts.set(part, [fragment]);
  }
  return [...regions.values()].map((region) => ({
    profiles: region.profiles,
    parts: [...region.parts.values()],
  }));
}

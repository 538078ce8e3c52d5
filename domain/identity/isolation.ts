import type { Evidence, GraphNode } from './evidence.ts';
import type { FragmentId } from './identifier.ts';
import type { IdentityRules } from './rule-types.ts';
import { knownTypes } from './rules.ts';

/**
 * Why a fragment stands by itself, whatever is seen beside it:
 * - `blocked`: its value names nobody
 * - `shared-device`: too many known people were seen on it
 * - `junk`: so many others were seen with it that it can't be anybody's
 */
export type Isolation = 'blocked' | 'shared-device' | 'junk';

/** One person goes through many devices: so many times more of them are no sign of junk. */
const DEVICES_FACTOR = 10;

/** A fragment of this type that has no more pieces about it than this is not isolated. */
export function isolatesAfter(type: string, rules: IdentityRules): number {
  const device = rules.sharedDevice?.types.includes(type) === true ? rules.sharedDevice.after : Infinity;
  return Math.min(device, rules.junk?.after ?? Infinity);
}

/**
 * Whether a fragment stands by itself, given all evidence about it. More evidence never takes it back. What a person
 * ruled or a model found is no sign of a crowd.
 */
export function isolationOf(
  node: GraphNode,
  about: Iterable<Evidence>,
  rules: IdentityRules,
): Exclude<Isolation, 'blocked'> | undefined {
  const partners = new Map<string, Set<FragmentId>>();
  for (const { a, b, rule } of about) {
    if (rule !== 'same-event') continue;
    const other = a.fragment === node.fragment ? b : a;
    const seen = partners.get(other.type);
    if (seen) seen.add(other.fragment);
    else partners.set(other.type, new Set([other.fragment]));
  }
  return crowdOf(node.type, (type) => partners.get(type)?.size ?? 0, partners.keys(), rules);
}

/** The same from counts of different partners by type. */
export function crowdOf(
  type: string,
  count: (partnerType: string) => number,
  partnerTypes: Iterable<string>,
  rules: IdentityRules,
): Exclude<Isolation, 'blocked'> | undefined {
  const { sharedDevice, junk } = rules;
  if (sharedDevice?.types.includes(type) === true) {
    for (const known of knownTypes(rules)) if (count(known) > sharedDevice.after) return 'shared-device';
  }
  if (!junk) return undefined;
  for (const partner of partnerTypes) {
    const factor = sharedDevice?.types.includes(partner) === true ? DEVICES_FACTOR : 1;
    if (count(partner) > junk.after * factor) return 'junk';
  }
  return undefined;
}

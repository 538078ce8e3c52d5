import type { Evidence, GraphNode, ProfileHead } from './evidence.ts';
import type { FragmentId } from './identifier.ts';
import { allowancesOf, marksOf } from './ruling.ts';

/** What makes a hold; the name of the rule that refuses. */
export const HOLD_KINDS = ['held', 'shared-device', 'junk'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

/**
 * What the rules keep from joining until a person has looked at it: evidence that would make a profile larger than the
 * alarm allows, or an identifier that stands by itself because too many were seen with it.
 */
export type Hold =
  | { readonly id: string; readonly kind: 'held'; readonly evidence: Evidence }
  | {
      readonly id: string;
      readonly kind: Exclude<HoldKind, 'held'>;
      readonly node: GraphNode;
      /** Others that its profile remembers it was seen with: those that made it stand by itself. */
      readonly seenWith: number;
    };

/** Between the fragments of a held piece's id; in no fragment. */
const BETWEEN = '.';

/** The fragments that a hold's id names: both ends of a held piece, or the one that stands by itself. */
export function fragmentsOfHold(id: string): readonly FragmentId[] {
  return id.split(BETWEEN);
}

/**
 * What is on hold at a profile, by id. A held piece is kept at both ends, so it is found at either. What a person linked
 * is on hold no more: neither the piece, which is then in force, nor an identifier that was given to somebody.
 */
export function holdsAt(head: ProfileHead): Hold[] {
  const holds: Hold[] = [];
  for (const { refusedBy, evidence } of head.refused)
    if (refusedBy === 'held') {
      const { a, b } = evidence;
      holds.push({ id: [a.fragment, b.fragment].sort().join(BETWEEN), kind: 'held', evidence });
    }
  if (head.isolated) holds.push(...isolatedAt(head));
  return holds.sort((x, y) => (x.id < y.id ? -1 : 1));
}

function isolatedAt({ isolated = {}, members, refused, rulings = [] }: ProfileHead): Hold[] {
  const marks = marksOf(rulings);
  return members.flatMap((node): Hold[] => {
    const { fragment } = node;
    const kind = isolated[fragment];
    if (kind === undefined || kind === 'blocked') return [];
    if (allowancesOf(marks.get(fragment) ?? []).length > 0) return [];
    const seenWith = refused.filter(
      ({ evidence: { a, b } }) => a.fragment === fragment || b.fragment === fragment,
    ).length;
    return [{ id: fragment, kind, node, seenWith }];
  });
}

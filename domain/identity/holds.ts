import type { Evidence, GraphNode, IdentityRules, ProfileHead, Refusal } from './evidence.ts';
import type { FragmentId } from './identifier.ts';
import { trustOf } from './rules.ts';
import { allowancesOf, marksOf } from './ruling.ts';

/** What makes a hold: the name of the rule that refuses; `suggested` is evidence of a source that may only suggest. */
export const HOLD_KINDS = ['held', 'suggested', 'shared-device', 'junk'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];
type PieceKind = 'held' | 'suggested';

/**
 * What the rules keep from joining until a person has looked at it: evidence that would make a profile larger than the
 * alarm allows or that its source may only suggest, or an identifier that stands by itself because too many were seen with it.
 */
export type Hold =
  | { readonly id: string; readonly kind: PieceKind; readonly evidence: Evidence }
  | {
      readonly id: string;
      readonly kind: Exclude<HoldKind, PieceKind>;
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
export function holdsAt(head: ProfileHead, rules: Pick<IdentityRules, 'trust'>): Hold[] {
  const holds: Hold[] = [];
  for (const refusal of head.refused) {
    const kind = kindOf(refusal, rules);
    if (kind === undefined) continue;
    const { evidence } = refusal;
    const id = [evidence.a.fragment, evidence.b.fragment].sort().join(BETWEEN);
    holds.push({ id, kind, evidence });
  }
  if (head.isolated) holds.push(...isolatedAt(head));
  return holds.sort((x, y) => (x.id < y.id ? -1 : 1));
}

function kindOf(
  { refusedBy, evidence: { source } }: Refusal,
  rules: Pick<IdentityRules, 'trust'>,
): PieceKind | undefined {
  if (refusedBy === 'source-trust' && trustOf(source, rules) === 'suggest') return 'suggested';
  return refusedBy === 'held' ? 'held' : undefined;
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

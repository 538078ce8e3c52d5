import { durationMs } from '../duration.ts';
import type { Evidence, GraphNode } from './evidence.ts';
import type { FragmentId } from './identifier.ts';
import { isolatesAfter, isolationOf } from './isolation.ts';
import type { Isolation } from './isolation.ts';
import type { IdentityRules } from './rule-types.ts';
import { limitRule } from './rules.ts';

/** What the rules say of single fragments, given all evidence about them. */
export interface Facts {
  /** Fragments that stand by themselves. */
  readonly isolated: ReadonlyMap<FragmentId, Isolation>;
  /** Fragments that a source named which is declared free of duplicates in their type. */
  readonly declared: ReadonlySet<FragmentId>;
  /** When a fragment was first seen, epoch milliseconds; of types with a limit within a time alone. */
  readonly firstSeen: ReadonlyMap<FragmentId, number>;
}

/** Facts of a graph of which nothing is known. */
export const NO_FACTS: Facts = { isolated: new Map(), declared: new Set(), firstSeen: new Map() };

/**
 * Reads the facts off the evidence. `alone` are fragments that are known to stand by themselves; what blocked ones were
 * seen with says nothing of the others.
 */
export function factsOf(
  evidence: Iterable<Evidence>,
  rules: IdentityRules,
  alone: ReadonlyMap<FragmentId, Isolation> = new Map(),
): Facts {
  const about = new Map<FragmentId, { readonly node: GraphNode; readonly pieces: Evidence[] }>();
  const declared = new Set<FragmentId>();
  const firstSeen = new Map<FragmentId, number>();
  for (const piece of evidence) {
    if (alone.get(piece.a.fragment) === 'blocked' || alone.get(piece.b.fragment) === 'blocked') continue;
    for (const node of [piece.a, piece.b]) {
      const known = about.get(node.fragment);
      if (known) known.pieces.push(piece);
      else about.set(node.fragment, { node, pieces: [piece] });
      if (declares(piece.source, node.type, rules)) declared.add(node.fragment);
      if (limitRule(node.type, rules)?.within === undefined || piece.rule !== 'same-event') continue;
      const seen = Date.parse(piece.firstSeen);
      firstSeen.set(node.fragment, Math.min(seen, firstSeen.get(node.fragment) ?? seen));
    }
  }
  const isolated = new Map(alone);
  for (const [fragment, { node, pieces }] of about) {
    if (isolated.has(fragment) || pieces.length <= isolatesAfter(node.type, rules)) continue;
    const isolation = isolationOf(node, pieces, rules);
    if (isolation !== undefined) isolated.set(fragment, isolation);
  }
  return { isolated, declared, firstSeen };
}

function declares(source: string, type: string, { uniqueFrom }: IdentityRules): boolean {
  return (
    uniqueFrom !== undefined && Object.hasOwn(uniqueFrom, type) && uniqueFrom[type]?.includes(source) === true
  );
}

/** Why a piece can't be in force whatever its ends are part of: one of them stands by itself. An operator's word stands. */
export function isolationAt(
  piece: Evidence,
  isolated: ReadonlyMap<FragmentId, Isolation>,
): { readonly refusedBy: Isolation; readonly type: string } | undefined {
  if (isolated.size === 0 || piece.rule === 'always') return undefined;
  for (const { fragment, type } of [piece.a, piece.b]) {
    const refusedBy = isolated.get(fragment);
    if (refusedBy !== undefined) return { refusedBy, type };
  }
  return undefined;
}

/** Whether more than `max` of these moments (epoch milliseconds) lie within some time of that length (ISO 8601). */
export function exceedsWithin(moments: readonly number[], max: number, within: string): boolean {
  const length = durationMs(within) ?? Infinity;
  const sorted = [...moments].sort((x, y) => x - y);
  return sorted.some((moment, index) => {
    const nth = sorted[index + max];
    return nth !== undefined && nth - moment < length;
  });
}

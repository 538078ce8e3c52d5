import type { Evidence, GraphNode, Refusal } from './evidence.ts';
import type { Cluster } from './graph.ts';
import type { FragmentId } from './identifier.ts';
import { comparePreference, pairKey } from './order.ts';

/** A piece that is judged, and what it was before. */
export interface Candidate {
  readonly piece: Evidence;
  /** Was in force until now. */
  readonly stood: boolean;
  /** Was in force, and holds no longer. */
  readonly fallen?: true;
  /** The refusal, where it leads out of the region. */
  readonly outward?: Refusal;
}

/** All pieces about a region: what its profiles know, less what is withdrawn, and what is new. */
export function candidatesOf(
  region: ReadonlySet<Cluster>,
  members: ReadonlyMap<FragmentId, GraphNode>,
  pieces: readonly Evidence[],
  withdrawn: ReadonlySet<string>,
): Candidate[] {
  const found = new Map<string, Candidate>();
  const fallen: Candidate[] = [];
  for (const cluster of region) {
    for (const [key, link] of cluster.links) {
      if (withdrawn.has(key)) fallen.push({ piece: link, stood: true, fallen: true });
      else found.set(key, { piece: link, stood: true });
    }
    for (const [key, refusal] of cluster.refused) {
      if (withdrawn.has(key)) continue;
      const { a, b } = refusal.evidence;
      const inside = members.has(a.fragment) && members.has(b.fragment);
      found.set(key, {
        piece: refusal.evidence,
        stood: false,
        ...(inside ? {} : { outward: refusal }),
      });
    }
  }
  for (const piece of pieces) {
    const key = pairKey(piece);
    const known = found.get(key);
    if (known && comparePreference(known.piece, piece) <= 0) continue;
    // What stood by an older piece of the pair is taken to have stood by this one: it stood, and not later in the order.
    found.set(key, { piece, stood: known?.stood ?? false });
  }
  return [...fallen, ...found.values()];
}

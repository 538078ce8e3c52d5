import type { Evidence, GraphNode } from './evidence.ts';
import type { Cluster } from './graph.ts';
import type { FragmentId } from './identifier.ts';
import { comparePreference, directed, pairKey } from './order.ts';

/** The end of a piece that names nobody, where the other does; undefined for a piece to be judged. */
export function withheldEnd(piece: Evidence, blocked: ReadonlySet<FragmentId>): GraphNode | undefined {
  const [a, b] = [blocked.has(piece.a.fragment), blocked.has(piece.b.fragment)];
  if (a === b) return undefined;
  return a ? piece.a : piece.b;
}

/**
 * Keeps a piece about a value that names nobody, at the end that is in the cluster: evidence for the day the value is let
 * in. Until then it says nothing of anybody, so nothing is judged by it.
 */
export function withhold(cluster: Cluster, evidence: Evidence, blocked: GraphNode): void {
  const piece = directed(evidence);
  const key = pairKey(piece);
  // In force where the value was let in until now, and not yet judged by the rules that block it.
  if (cluster.links.has(key)) return;
  const known = cluster.refused.get(key);
  if (known && comparePreference(known.evidence, piece) <= 0) return;
  cluster.refused.set(key, { evidence: piece, refusedBy: 'blocked', type: blocked.type });
  cluster.dirty = true;
}

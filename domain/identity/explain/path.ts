import type { GraphNode } from '../evidence.ts';
import type { FragmentId } from '../identifier.ts';

/** Anything with two ends. */
interface Edge {
  readonly a: Pick<GraphNode, 'fragment'>;
  readonly b: Pick<GraphNode, 'fragment'>;
}

/**
 * The shortest way between two fragments, as the edges to go along; among equally short ones that whose edges come first
 * in the list. Undefined where there is none.
 */
export function shortestPath<E extends Edge>(
  edges: readonly E[],
  from: FragmentId,
  to: FragmentId,
): E[] | undefined {
  const around = new Map<FragmentId, E[]>();
  for (const edge of edges) {
    for (const { fragment } of [edge.a, edge.b]) {
      const known = around.get(fragment);
      if (known) known.push(edge);
      else around.set(fragment, [edge]);
    }
  }
  const cameBy = new Map<FragmentId, { readonly edge: E; readonly before: FragmentId }>();
  const queue: FragmentId[] = [from];
  for (let next = 0; next < queue.length; next++) {
    const at = queue[next];
    if (at === undefined || at === to) break;
    for (const edge of around.get(at) ?? []) {
      const beyond = edge.a.fragment === at ? edge.b.fragment : edge.a.fragment;
      if (beyond === from || cameBy.has(beyond)) continue;
      cameBy.set(beyond, { edge, before: at });
      queue.push(beyond);
    }
  }
  const path: E[] = [];
  for (let at = to; at !== from;) {
    const came = cameBy.get(at);
    if (came === undefined) return undefined;
    path.unshift(came.edge);
    at = came.before;
  }
  return path;
}

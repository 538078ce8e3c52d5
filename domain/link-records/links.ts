import type { ScoredPairs } from '../linkage/types.ts';

/**
 * The pairs that hold clusters together: the likeliest first, none that would close a circle. `cluster` numbers each
 * record's cluster; `scored` is sorted by weight, so that the same scores give the same links.
 */
export function spanningLinks(scored: ScoredPairs, cluster: Int32Array): number[] {
  const parent = Int32Array.from(cluster.keys());
  const find = (record: number): number => {
    let root = record;
    while (parent[root] !== root) root = parent[root] ?? root;
    for (let at = record; at !== root;) {
      const up = parent[at] ?? root;
      parent[at] = root;
      at = up;
    }
    return root;
  };
  const links: number[] = [];
  for (let pair = 0; pair < scored.length; pair += 1) {
    const [a, b] = [scored.a[pair] ?? 0, scored.b[pair] ?? 0];
    if (cluster[a] !== cluster[b]) continue;
    const [one, two] = [find(a), find(b)];
    if (one === two) continue;
    parent[Math.max(one, two)] = Math.min(one, two);
    links.push(pair);
  }
  return links;
}

/** How many clusters there are, and how many of each size. */
export function clusterSizes(cluster: Int32Array): { clusters: number; sizes: Record<string, number> } {
  const counts = new Int32Array(cluster.length);
  for (const first of cluster) counts[first] = (counts[first] ?? 0) + 1;
  const sizes: Record<string, number> = {};
  let clusters = 0;
  for (const count of counts) {
    if (count === 0) continue;
    clusters += 1;
    sizes[count] = (sizes[count] ?? 0) + 1;
  }
  return { clusters, sizes };
}

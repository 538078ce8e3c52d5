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

/** How many clusters there are. */
export function clusterCount(cluster: Int32Array): number {
  return new Set(cluster).size;
}

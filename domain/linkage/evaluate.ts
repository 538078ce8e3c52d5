/** How well clusters agree with labels, counted in pairs of records. */
export interface Evaluation {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly pairs: { readonly found: number; readonly labelled: number; readonly both: number };
}

/** Pairwise precision, recall and F1 of clusters against labels, position by position. */
export function evaluate(clusters: ArrayLike<number>, labels: ArrayLike<string | number>): Evaluation {
  const [byCluster, byLabel, byBoth] = [
    new Map<number, number>(),
    new Map<string | number, number>(),
    new Map<string, number>(),
  ];
  for (let at = 0; at < clusters.length; at += 1) {
    const [cluster, label] = [clusters[at] as number, labels[at] as string | number];
    byCluster.set(cluster, (byCluster.get(cluster) ?? 0) + 1);
    byLabel.set(label, (byLabel.get(label) ?? 0) + 1);
    const both = `${cluster} ${label}`;
    byBoth.set(both, (byBoth.get(both) ?? 0) + 1);
  }
  const pairs = { found: pairsOf(byCluster), labelled: pairsOf(byLabel), both: pairsOf(byBoth) };
  const precision = pairs.found === 0 ? 1 : pairs.both / pairs.found;
  const recall = pairs.labelled === 0 ? 1 : pairs.both / pairs.labelled;
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision, recall, f1, pairs };
}

function pairsOf(sizes: ReadonlyMap<unknown, number>): number {
  let pairs = 0;
  for (const size of sizes.values()) pairs += (size * (size - 1)) / 2;
  return pairs;
}

import { probability } from '../../domain/linkage/index.ts';
import type { ScoredPairs } from '../../domain/linkage/index.ts';
export function qualityOf(scored: ScoredPairs, cluster: Int32Array): { precision: number; recall: number } {
  let [found, foundTrue, allTrue] = [0, 0, 0];
  for (let pair = 0; pair < scored.length; pair += 1) {
    const likely = probability(scored.weight[pair] ?? 0);
    allTrue += likely;
    if (cluster[scored.a[pair] ?? 0] !== cluster[scored.b[pair] ?? 0]) continue;
    found += 1;
    foundTrue += likely;
  }
  return {
    precision: found === 0 ? 1 : foundTrue / found,
    recall: allTrue === 0 ? 1 : foundTrue / allTrue,
  };
}

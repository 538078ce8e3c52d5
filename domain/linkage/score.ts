import { candidatesOf } from './blocking/candidates.ts';
import type { Prepared } from './prepare.ts';
import type { LinkageModel, ScoredPairs } from './types.ts';
import { Weigher } from './weigh.ts';

/** Least weight of a pair that is kept: a probability of one in a thousand. */
const KEPT_FROM = -10;

/** Weighs all pairs that the blocking rules propose. A model that did not converge links nothing. */
export function score(prepared: Prepared, model: LinkageModel): ScoredPairs {
  if (!model.converged) return sortPairs([], [], []);
  const weigher = new Weigher(prepared, model);
  const candidates = candidatesOf(weigher.prepared);
  const [a, b, weight]: [number[], number[], number[]] = [[], [], []];
  for (let at = 0; at < candidates.length; at += 1) {
    const [one, two] = [candidates.a[at] as number, candidates.b[at] as number];
    const w = weigher.weight(one, two);
    if (w < KEPT_FROM) continue;
    a.push(one);
    b.push(two);
    weight.push(w);
  }
  return sortPairs(a, b, weight);
}

function sortPairs(a: readonly number[], b: readonly number[], weight: readonly number[]): ScoredPairs {
  const order = Array.from(a.keys()).sort(
    (x, y) =>
      (weight[y] as number) - (weight[x] as number) ||
      (a[x] as number) - (a[y] as number) ||
      (b[x] as number) - (b[y] as number),
  );
  return {
    length: order.length,
    a: Int32Array.from(order, (at) => a[at] as number),
    b: Int32Array.from(order, (at) => b[at] as number),
    weight: Float32Array.from(order, (at) => weight[at] as number),
  };
}

import { candidatesOf } from './blocking/candidates.ts';
import { junkOfModel, withoutJunk } from './junk.ts';
import type { Prepared } from './prepare.ts';
import type { LinkageModel, ScoredPairs } from './types.ts';
import { Weigher } from './weigh.ts';

/** Least weight of a pair that is kept, in bits: a probability of one in a thousand. */
const KEPT_FROM = -10;

/** Weighs all pairs that the blocking rules propose. A model that did not converge links nothing. */
export function score(raw: Prepared, model: LinkageModel): ScoredPairs {
  if (!model.converged) return orderPairs(new Int32Array(0), new Int32Array(0), new Float32Array(0), 0);
  const prepared = withoutJunk(raw, junkOfModel(model));
  const weigher = new Weigher(prepared, model);
  const { length, a, b } = candidatesOf(prepared, usedRules(model));
  const weight = new Float32Array(length);
  let kept = 0;
  for (let at = 0; at < length; at += 1) {
    const w = weigher.weight(a[at] as number, b[at] as number);
    if (w < KEPT_FROM) continue;
    a[kept] = a[at] as number;
    b[kept] = b[at] as number;
    weight[kept] = w;
    kept += 1;
  }
  return orderPairs(a, b, weight, kept);
}

/** Names of the blocking rules that a model uses. */
export function usedRules(model: LinkageModel): ReadonlySet<string> {
  return new Set(model.blocking.filter(({ used }) => used).map(({ rule }) => rule));
}

/** The first `length` pairs, strongest first, ties by the smaller and then the larger index. */
export function orderPairs(a: Int32Array, b: Int32Array, weight: Float32Array, length: number): ScoredPairs {
  const order = Uint32Array.from({ length }, (_, at) => at).sort(
    (x, y) =>
      (weight[y] as number) - (weight[x] as number) ||
      (a[x] as number) - (a[y] as number) ||
      (b[x] as number) - (b[y] as number),
  );
  return {
    length,
    a: Int32Array.from(order, (at) => a[at] as number),
    b: Int32Array.from(order, (at) => b[at] as number),
    weight: Float32Array.from(order, (at) => weight[at] as number),
  };
}

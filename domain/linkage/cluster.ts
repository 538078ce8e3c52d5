import type { Prepared } from './prepare.ts';
import type {
  ClusterOptions,
  Clustering,
  IndexPair,
  LinkageModel,
  ReviewPair,
  ScoredPairs,
} from './types.ts';
import { Weigher, probability, weightOf } from './weigh.ts';

/** Most that one pair can say for or against joining two clusters, in bits. */
export const CLIP_FOR = 12;
export const CLIP_AGAINST = -12;

const LINK_AT = 0.5;
const REVIEW_AT = 0.2;
const REVIEW_MAX = 10_000;

/**
 * Joins records into people, strongest pair first. Two clusters become one only where the mean over all pairs between
 * them speaks for it, each pair within limits: one wrong pair does not chain two people together.
 */
export function cluster(
  prepared: Prepared,
  model: LinkageModel,
  scored: ScoredPairs,
  options: ClusterOptions = {},
): Clustering {
  const weigher = new Weigher(prepared, model);
  const sets = new Sets(prepared.size, options.cannotLink ?? []);
  const linkFrom = weightOf(options.linkAt ?? LINK_AT);
  const reviewFrom = weightOf(options.reviewAt ?? REVIEW_AT);
  for (const [a, b] of options.mustLink ?? []) if (!sets.forbidden(a, b)) sets.union(a, b);
  const refused = new Map<number, number>();
  for (let at = 0; at < scored.length; at += 1) {
    if ((scored.weight[at] as number) < linkFrom) break;
    const [one, two] = [sets.find(scored.a[at] as number), sets.find(scored.b[at] as number)];
    if (one === two) continue;
    const key = Math.min(one, two) * prepared.size + Math.max(one, two);
    const sizes = sets.size(one) + sets.size(two);
    if (refused.get(key) === sizes) continue;
    if (!sets.forbidden(one, two) && meanWeight(weigher, sets, one, two) > linkFrom) sets.union(one, two);
    else refused.set(key, sizes);
  }
  const review: ReviewPair[] = [];
  for (let at = 0; at < scored.length && review.length < REVIEW_MAX; at += 1) {
    const [a, b, weight] = [scored.a[at] as number, scored.b[at] as number, scored.weight[at] as number];
    if (weight < reviewFrom) break;
    if (sets.find(a) !== sets.find(b) && !sets.forbidden(a, b))
      review.push({ a, b, weight, probability: probability(weight) });
  }
  return { cluster: sets.labels(), review };
}

function meanWeight(weigher: Weigher, sets: Sets, one: number, two: number): number {
  let [sum, pairs] = [0, 0];
  for (const a of sets.members(one))
    for (const b of sets.members(two)) {
      sum += Math.min(CLIP_FOR, Math.max(CLIP_AGAINST, weigher.weight(a, b)));
      pairs += 1;
    }
  return sum / pairs;
}

/** Disjoint sets of record indexes that know their members and what they may not be joined with. */
class Sets {
  readonly #parent: Int32Array;
  readonly #members = new Map<number, number[]>();
  readonly #enemies = new Map<number, number[]>();

  constructor(size: number, cannotLink: readonly IndexPair[]) {
    this.#parent = Int32Array.from({ length: size }, (_, at) => at);
    for (const [a, b] of cannotLink) {
      this.#enemies.set(a, [...(this.#enemies.get(a) ?? []), b]);
      this.#enemies.set(b, [...(this.#enemies.get(b) ?? []), a]);
    }
  }

  find(at: number): number {
    let root = at;
    while (this.#parent[root] !== root) root = this.#parent[root] as number;
    for (let up = at; up !== root;) {
      const next = this.#parent[up] as number;
      this.#parent[up] = root;
      up = next;
    }
    return root;
  }

  members(root: number): readonly number[] {
    return this.#members.get(root) ?? [root];
  }

  size(root: number): number {
    return this.#members.get(root)?.length ?? 1;
  }

  forbidden(one: number, two: number): boolean {
    if (this.#enemies.size === 0) return false;
    const [left, right] = [this.find(one), this.find(two)];
    return this.members(left).some((member) =>
      (this.#enemies.get(member) ?? []).some((enemy) => this.find(enemy) === right),
    );
  }

  /** Makes two sets one; its root is the least of its members. */
  union(one: number, two: number): void {
    const [left, right] = [this.find(one), this.find(two)];
    if (left === right) return;
    const [root, child] = left < right ? [left, right] : [right, left];
    this.#members.set(root, [...this.members(root), ...this.members(child)]);
    this.#members.delete(child);
    this.#parent[child] = root;
  }

  labels(): Int32Array {
    return this.#parent.map((_, at) => this.find(at));
  }
}

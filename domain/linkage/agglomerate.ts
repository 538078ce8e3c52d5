import type { IndexPair } from './types.ts';

/** Most that one pair can say for or against joining two clusters, in bits. */
const CLIP = 12;

/** Pairs by index in the order in which they get their say: strongest first, ties by index. */
export interface OrderedPairs {
  readonly length: number;
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly weight: ArrayLike<number>;
}

/** What stands above the evidence. */
export interface Constraints {
  readonly cannotLink?: readonly IndexPair[] | undefined;
  readonly mustLink?: readonly IndexPair[] | undefined;
  /** Values by record, 0 for none: two different values of one list never share a cluster. */
  readonly unique?: readonly Int32Array[] | undefined;
}

/**
 * Joins records into people, strongest pair first. Two clusters become one only where the mean over all pairs between
 * them, each within limits, is above `linkFrom`: one wrong pair does not chain two people together.
 */
export function agglomerate(
  size: number,
  pairs: OrderedPairs,
  weigh: (a: number, b: number) => number,
  linkFrom: number,
  constraints: Constraints,
): Clusters {
  const clusters = new Clusters(size, constraints);
  const must = [...(constraints.mustLink ?? [])].sort(([a, b], [c, d]) => a - c || b - d);
  for (const [a, b] of must) if (!clusters.forbidden(a, b)) clusters.union(a, b);
  const refused = new Map<number, number>();
  for (let at = 0; at < pairs.length && (pairs.weight[at] as number) > linkFrom; at += 1) {
    const [one, two] = [clusters.find(pairs.a[at] as number), clusters.find(pairs.b[at] as number)];
    if (one === two) continue;
    const [left, right] = one < two ? [one, two] : [two, one];
    const [m, n] = [clusters.members(left), clusters.members(right)];
    const key = left * size + right;
    // The same two clusters as when they were refused: nothing new to say.
    if (refused.get(key) === m.length + n.length) continue;
    const alone = m.length === 1 && n.length === 1;
    if (!clusters.forbidden(left, right) && (alone || meanWeight(weigh, m, n) > linkFrom))
      clusters.union(left, right);
    else refused.set(key, m.length + n.length);
  }
  return clusters;
}

function meanWeight(
  weigh: (a: number, b: number) => number,
  one: readonly number[],
  two: readonly number[],
): number {
  let sum = 0;
  for (const a of one) for (const b of two) sum += Math.min(CLIP, Math.max(-CLIP, weigh(a, b)));
  return sum / (one.length * two.length);
}

/** Disjoint sets of records that know their members and what they may not be joined with; a root is the least member. */
export class Clusters {
  readonly #parent: Int32Array;
  readonly #members = new Map<number, number[]>();
  readonly #enemies = new Map<number, number[]>();
  /** By list of unique values, the value of each root. */
  readonly #unique: readonly Int32Array[];

  constructor(size: number, { cannotLink = [], unique = [] }: Constraints) {
    this.#parent = Int32Array.from({ length: size }, (_, at) => at);
    this.#unique = unique.map((values) => values.slice());
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

  /** Whether a constraint keeps the clusters of two records apart. */
  forbidden(one: number, two: number): boolean {
    const [left, right] = [this.find(one), this.find(two)];
    for (const values of this.#unique)
      if (values[left] !== 0 && values[right] !== 0 && values[left] !== values[right]) return true;
    if (this.#enemies.size === 0) return false;
    return this.members(left).some((member) =>
      (this.#enemies.get(member) ?? []).some((enemy) => this.find(enemy) === right),
    );
  }

  union(one: number, two: number): void {
    const [left, right] = [this.find(one), this.find(two)];
    if (left === right) return;
    const [root, child] = left < right ? [left, right] : [right, left];
    const members = this.#members.get(root) ?? [root];
    members.push(...this.members(child));
    this.#members.set(root, members);
    this.#members.delete(child);
    this.#parent[child] = root;
    for (const values of this.#unique) if (values[root] === 0) values[root] = values[child] as number;
  }

  labels(): Int32Array {
    return this.#parent.map((_, at) => this.find(at));
  }
}

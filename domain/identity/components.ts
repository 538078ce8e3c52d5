/**
 * Disjoint sets over the numbers from 0 to n - 1, for graphs of a whole tenant. Union by smaller root, so that a set is
 * always named by the least number in it, and path halving.
 */
export class NumberedSets {
  readonly #parent: Int32Array;

  constructor(size: number) {
    this.#parent = new Int32Array(size);
    for (let i = 0; i < size; i++) this.#parent[i] = i;
  }

  /** The least number of the set that `item` is in. */
  find(item: number): number {
    const parent = this.#parent;
    let at = item;
    for (;;) {
      const up = parent[at] ?? at;
      if (up === at) return at;
      const next = parent[up] ?? up;
      parent[at] = next;
      at = next;
    }
  }

  /** Makes two sets one; false where they were. */
  union(left: number, right: number): boolean {
    const one = this.find(left);
    const two = this.find(right);
    if (one === two) return false;
    if (one < two) this.#parent[two] = one;
    else this.#parent[one] = two;
    return true;
  }

  /** The set of each number, named by its least; shares memory with the sets, which must not be changed any more. */
  labels(): Int32Array {
    const parent = this.#parent;
    // A root is less than whatever is under it, so everything before `i` points at its root already.
    for (let i = 0; i < parent.length; i++) parent[i] = parent[parent[i] ?? i] ?? i;
    return parent;
  }
}

/** Connected components of `size` nodes under edges from `a[i]` to `b[i]`; `skip[i]` of 1 leaves an edge out. */
export function componentsOf(size: number, a: Int32Array, b: Int32Array, skip?: Uint8Array): Int32Array {
  const sets = new NumberedSets(size);
  for (let i = 0; i < a.length; i++) if (skip?.[i] !== 1) sets.union(a[i] ?? 0, b[i] ?? 0);
  return sets.labels();
}

import type { GraphNode, IdentityRules, Refusal } from './evidence.ts';
import type { FragmentId } from './identifier.ts';
import { limitOf } from './rules.ts';

/** How many values of each identifier type a set of fragments holds. */
export type TypeCounts = ReadonlyMap<string, number>;

/** What the rules would break on, if two sets of fragments became one. */
export type Violation = Pick<Refusal, 'refusedBy' | 'type'>;

/**
 * What forbids joining two disjoint sets of fragments; undefined where nothing does. The first type by name that would
 * be one too many, those that are unique before those that are limited. A superset of what is forbidden is forbidden.
 */
export function violation(left: TypeCounts, right: TypeCounts, rules: IdentityRules): Violation | undefined {
  let found: Violation | undefined;
  for (const type of new Set([...left.keys(), ...right.keys()])) {
    const count = (left.get(type) ?? 0) + (right.get(type) ?? 0);
    if (count <= limitOf(type, rules)) continue;
    const refusedBy = rules.unique.includes(type) ? 'unique' : 'limit';
    if (!found || outranks({ refusedBy, type }, found)) found = { refusedBy, type };
  }
  return found;
}

function outranks(candidate: Violation, known: Violation): boolean {
  if (candidate.refusedBy !== known.refusedBy) return candidate.refusedBy === 'unique';
  return candidate.type < known.type;
}

interface Root {
  size: number;
  counts: Map<string, number>;
}

/** Disjoint sets of fragments that know their counts by type. Mutable, short-lived. */
export class UnionFind {
  readonly #parent = new Map<FragmentId, FragmentId>();
  readonly #roots = new Map<FragmentId, Root>();

  /** Adds a fragment as a set of its own; one that is there stays where it is. */
  add(node: GraphNode): void {
    if (this.#parent.has(node.fragment)) return;
    this.#parent.set(node.fragment, node.fragment);
    this.#roots.set(node.fragment, { size: 1, counts: new Map([[node.type, 1]]) });
  }

  /** The fragment that stands for the set of `fragment`, which must have been added. */
  find(fragment: FragmentId): FragmentId {
    let root = fragment;
    for (let up = this.#parent.get(root); up !== undefined && up !== root; up = this.#parent.get(root))
      root = up;
    for (let at = fragment; at !== root;) {
      const up = this.#parent.get(at) ?? root;
      this.#parent.set(at, root);
      at = up;
    }
    return root;
  }

  /** Counts by type of the set that `fragment` is in. */
  counts(fragment: FragmentId): TypeCounts {
    return this.#roots.get(this.find(fragment))?.counts ?? new Map<string, number>();
  }

  /** Makes two sets one. */
  union(left: FragmentId, right: FragmentId): void {
    const [one, two] = [this.find(left), this.find(right)];
    const [rootOne, rootTwo] = [this.#roots.get(one), this.#roots.get(two)];
    if (one === two || !rootOne || !rootTwo) return;
    const [keep, keepId, drop, dropId] =
      rootOne.size >= rootTwo.size ? [rootOne, one, rootTwo, two] : [rootTwo, two, rootOne, one];
    this.#parent.set(dropId, keepId);
    this.#roots.delete(dropId);
    keep.size += drop.size;
    for (const [type, count] of drop.counts) keep.counts.set(type, (keep.counts.get(type) ?? 0) + count);
  }
}

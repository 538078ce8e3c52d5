import type { Evidence, GraphNode, IdentityRules, Refusal } from './evidence.ts';
import { exceedsWithin } from './facts.ts';
import type { Facts } from './facts.ts';
import type { FragmentId } from './identifier.ts';
import { knownTypes, limitOf, limitRule, trustOf } from './rules.ts';
import { lastRuling } from './ruling.ts';
import type { Mark } from './ruling.ts';
import { addTally, countIn, emptyTally, jointCount, jointSize, typesIn } from './tally.ts';
import type { Tally } from './tally.ts';

/** What the rules would break on, if two sets of fragments became one. */
export type Violation = Pick<Refusal, 'refusedBy' | 'type' | 'ruling'>;

/**
 * What forbids joining two disjoint sets of fragments; undefined where nothing does. A ruling first; then the first type
 * by name that would be one too many, those that are unique before those that are limited; then what speaks against the
 * piece that would join them: its source, and the size of what it would make. A superset of what is forbidden is forbidden.
 */
export function violation(
  left: Tally,
  right: Tally,
  rules: IdentityRules,
  piece?: Evidence,
): Violation | undefined {
  const ruling = keptApart(left, right);
  if (ruling !== undefined) return { refusedBy: 'never', type: '', ruling };
  let found: Violation | undefined;
  for (const type of new Set([...typesIn(left), ...typesIn(right)])) {
    const refusedBy = tooMany(left, right, type, rules);
    if (refusedBy && (!found || outranks({ refusedBy, type }, found))) found = { refusedBy, type };
  }
  return found ?? (piece && piece.rule !== 'always' ? doubted(left, right, rules, piece) : undefined);
}

function tooMany(
  left: Tally,
  right: Tally,
  type: string,
  rules: IdentityRules,
): 'unique' | 'limit' | undefined {
  const count = jointCount(left, right, type);
  if (rules.unique.includes(type) && count > 1) return 'unique';
  const declared = (left.declared?.get(type) ?? 0) + (right.declared?.get(type) ?? 0);
  if (declared > 1 && count > 1) return 'unique';
  if (count <= limitOf(type, rules)) return undefined;
  const limit = limitRule(type, rules);
  if (limit?.within === undefined) return 'limit';
  const moments = [...(left.moments?.get(type) ?? []), ...(right.moments?.get(type) ?? [])];
  return exceedsWithin(moments, limit.max, limit.within) ? 'limit' : undefined;
}

function doubted(
  left: Tally,
  right: Tally,
  rules: IdentityRules,
  { a, source, rule }: Evidence,
): Violation | undefined {
  if (rule === 'same-event' && trustOf(source, rules) !== 'link') {
    const known = knownTypes(rules);
    const [mine, theirs] = [new Set(typesIn(left)), new Set(typesIn(right))];
    const type = known.find((name) => mine.has(name));
    if (type !== undefined && known.some((name) => theirs.has(name)))
      return { refusedBy: 'source-trust', type };
  }
  return isAlarming(left, right, rules) ? { refusedBy: 'held', type: a.type } : undefined;
}

function isAlarming(left: Tally, right: Tally, rules: IdentityRules): boolean {
  const { identifiers = Infinity, merges = Infinity } = rules.alarm ?? {};
  if (jointSize(left, right) > identifiers) return true;
  return merges !== Infinity && jointSize(left, right, knownTypes(rules)) - 1 > merges;
}

/**
 * Whether a rule might object to some step towards the union of two sets though it has nothing against the whole, or
 * knows the whole only from the order in which it was made. `untrusted`: some evidence in it is of a source that may
 * not join known people.
 */
export function dependsOnOrder(
  left: Tally,
  right: Tally,
  rules: IdentityRules,
  untrusted: () => boolean,
): boolean {
  const { uniqueFrom, trust } = rules;
  let known = 0;
  for (const type of new Set([...typesIn(left), ...typesIn(right)])) {
    const count = jointCount(left, right, type);
    if (uniqueFrom && count > 1 && Object.hasOwn(uniqueFrom, type)) return true;
    const limit = limitRule(type, rules);
    if (limit?.within !== undefined && count > limit.max) return true;
    if (trust && knownTypes(rules).includes(type)) known += count;
  }
  return known > 1 && untrusted();
}

function outranks(candidate: Violation, known: Violation): boolean {
  if (candidate.refusedBy !== known.refusedBy) return candidate.refusedBy === 'unique';
  return candidate.type < known.type;
}

/** The last ruling that keeps some fragment of one set apart from some of the other. */
function keptApart(left: Tally, right: Tally): string | undefined {
  if (left.signatures === undefined || right.signatures === undefined) return undefined;
  let last: Mark | undefined;
  for (const mine of left.signatures.values()) {
    for (const theirs of right.signatures.values()) {
      const mark = lastRuling(mine, theirs);
      if (mark?.rule !== 'never') continue;
      if (!last || mark.at > last.at || (mark.at === last.at && mark.ruling > last.ruling)) last = mark;
    }
  }
  return last?.ruling;
}

interface Root {
  size: number;
  tally: Tally;
}

const NOTHING = emptyTally();

/** Disjoint sets of fragments that know their tallies. Mutable, short-lived. */
export class UnionFind {
  readonly #parent = new Map<FragmentId, FragmentId>();
  readonly #roots = new Map<FragmentId, Root>();

  /** Adds a fragment as a set of its own; one that is there stays where it is. */
  add(node: GraphNode, marks?: readonly Mark[], facts?: Facts): void {
    if (this.#parent.has(node.fragment)) return;
    this.#parent.set(node.fragment, node.fragment);
    const tally = emptyTally();
    countIn(tally, node, marks, facts);
    this.#roots.set(node.fragment, { size: 1, tally });
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

  /** The tally of the set that `fragment` is in; it changes with the set. */
  tally(fragment: FragmentId): Tally {
    return this.#roots.get(this.find(fragment))?.tally ?? NOTHING;
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
    addTally(keep.tally, drop.tally);
  }
}

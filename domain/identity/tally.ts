import type { GraphNode, RefusedBy } from './evidence.ts';
import type { Facts } from './facts.ts';
import type { Mark } from './ruling.ts';
import { allowancesOf, signatureOf } from './ruling.ts';

/** How many values of a type there are, by the chain of rulings that let them stand beside others; see `valuesIn`. */
type Chains = Map<string, number>;

/**
 * What the rules need to know of a set of fragments: how many values of each identifier type it holds, and which rulings
 * name any of them. Mutable, short-lived.
 */
export interface Tally {
  /** By type, values that no ruling lets stand beside others. */
  readonly counts: Map<string, number>;
  /** By type, the others; absent where there are none. */
  allowed?: Map<string, Chains>;
  /** Fragments, whatever they count as. */
  size: number;
  /** By type, fragments that a source named which is declared free of duplicates; absent where none. */
  declared?: Map<string, number>;
  /** By type, when fragments were first seen, epoch milliseconds; of types with a limit within a time alone. */
  moments?: Map<string, number[]>;
  /** One of each sort of marked fragments; absent where none is marked. */
  signatures?: Map<string, readonly Mark[]>;
}

/** The tally of nothing. */
export function emptyTally(): Tally {
  return { counts: new Map(), size: 0 };
}

/** Counts a fragment in, once. */
export function countIn(
  tally: Tally,
  node: GraphNode,
  marks: readonly Mark[] | undefined,
  facts?: Pick<Facts, 'declared' | 'firstSeen'>,
): void {
  tally.size += 1;
  if (facts) noteFacts(tally, node, facts);
  if (marks !== undefined && marks.length > 0) {
    tally.signatures ??= new Map();
    tally.signatures.set(signatureOf(marks), marks);
    const chain = signatureOf(allowancesOf(marks));
    if (chain !== '') {
      tally.allowed ??= new Map();
      addChains(tally.allowed, node.type, [[chain, 1]]);
      return;
    }
  }
  tally.counts.set(node.type, (tally.counts.get(node.type) ?? 0) + 1);
}

function noteFacts(
  tally: Tally,
  { fragment, type }: GraphNode,
  { declared, firstSeen }: Pick<Facts, 'declared' | 'firstSeen'>,
): void {
  if (declared.has(fragment)) {
    tally.declared ??= new Map();
    tally.declared.set(type, (tally.declared.get(type) ?? 0) + 1);
  }
  const moment = firstSeen.get(fragment);
  if (moment === undefined) return;
  tally.moments ??= new Map();
  tally.moments.set(type, [...(tally.moments.get(type) ?? []), moment]);
}

/** Adds what another, disjoint set holds. */
export function addTally(into: Tally, other: Tally): void {
  into.size += other.size;
  for (const [type, count] of other.declared ?? []) {
    into.declared ??= new Map();
    into.declared.set(type, (into.declared.get(type) ?? 0) + count);
  }
  for (const [type, moments] of other.moments ?? []) {
    into.moments ??= new Map();
    into.moments.set(type, [...(into.moments.get(type) ?? []), ...moments]);
  }
  for (const [type, count] of other.counts) into.counts.set(type, (into.counts.get(type) ?? 0) + count);
  for (const [type, chains] of other.allowed ?? []) {
    into.allowed ??= new Map();
    addChains(into.allowed, type, chains);
  }
  for (const [signature, marks] of other.signatures ?? []) {
    into.signatures ??= new Map();
    into.signatures.set(signature, marks);
  }
}

function addChains(
  allowed: Map<string, Chains>,
  type: string,
  chains: Iterable<readonly [string, number]>,
): void {
  const known = allowed.get(type) ?? new Map<string, number>();
  allowed.set(type, known);
  for (const [chain, count] of chains) known.set(chain, (known.get(chain) ?? 0) + count);
}

/** The types of which a set holds any. */
export function typesIn(tally: Tally): Iterable<string> {
  return tally.allowed ? new Set([...tally.counts.keys(), ...tally.allowed.keys()]) : tally.counts.keys();
}

/** How many values of a type two disjoint sets hold together, as the rules count them. */
export function jointCount(left: Tally, right: Tally, type: string): number {
  const count = (left.counts.get(type) ?? 0) + (right.counts.get(type) ?? 0);
  const [mine, theirs] = [left.allowed?.get(type), right.allowed?.get(type)];
  if (!mine && !theirs) return count;
  const all = [...(mine ?? []), ...(theirs ?? [])].map(
    ([chain, values]) => [chain.split(' '), values] as const,
  );
  return count + valuesIn(all);
}

/**
 * How many values two disjoint sets hold together, of all types or of some, as the rules count them: of profiles that
 * a ruling joined the fuller counts.
 */
export function jointSize(left: Tally, right: Tally, only?: readonly string[]): number {
  if (!only && !left.allowed && !right.allowed) return left.size + right.size;
  let count = 0;
  const chains: (readonly [readonly string[], number])[] = [];
  for (const { counts, allowed } of [left, right]) {
    for (const type of only ?? counts.keys()) count += counts.get(type) ?? 0;
    for (const type of only ?? allowed?.keys() ?? [])
      for (const [chain, values] of allowed?.get(type) ?? []) chains.push([chain.split(' '), values]);
  }
  return count + valuesIn(chains);
}

/**
 * How many values count. A chain is `ruling side ruling side ...`, the last ruling first. Of those that a ruling joined,
 * the side with more values counts, each side by the rulings before: so that linking leaves as much room as the fuller
 * side had. More values never count less.
 */
function valuesIn(chains: readonly (readonly [readonly string[], number])[]): number {
  let total = 0;
  const joined = new Map<string, Record<'a' | 'b', (readonly [readonly string[], number])[]>>();
  for (const [[ruling, side, ...earlier], values] of chains) {
    if (ruling === undefined || ruling === '') {
      total += values;
      continue;
    }
    const sides = joined.get(ruling) ?? { a: [], b: [] };
    joined.set(ruling, sides);
    sides[side === 'a' ? 'a' : 'b'].push([earlier, values]);
  }
  for (const { a, b } of joined.values()) total += Math.max(valuesIn(a), valuesIn(b));
  return total;
}

/** False where nothing that was forbidden for the set can be allowed for what became of it. */
export function mayAllowMore(
  then: Tally,
  now: Tally,
  refused: { readonly refusedBy: RefusedBy; readonly type: string },
): boolean {
  switch (refused.refusedBy) {
    case 'never':
      for (const signature of then.signatures?.keys() ?? []) if (!now.signatures?.has(signature)) return true;
      return false;
    case 'blocked':
    case 'shared-device':
    case 'junk':
      return false;
    case 'held':
    case 'source-trust':
      if (now.size < then.size) return true;
      // Some known type fewer may be all of them fewer.
      for (const type of typesIn(then)) if (hasFewer(then, now, type)) return true;
      return false;
    case 'unique':
    case 'limit':
    case 'too-large':
      return hasRoom(then, now, refused.type);
  }
}

/** Whether there may be room for more values of the type. */
function hasRoom(then: Tally, now: Tally, type: string): boolean {
  if ((now.declared?.get(type) ?? 0) < (then.declared?.get(type) ?? 0)) return true;
  return earlierMoments(then, now, type) || hasFewer(then, now, type);
}

function hasFewer(then: Tally, now: Tally, type: string): boolean {
  if ((now.counts.get(type) ?? 0) < (then.counts.get(type) ?? 0)) return true;
  for (const [chain, values] of then.allowed?.get(type) ?? [])
    if ((now.allowed?.get(type)?.get(chain) ?? 0) < values) return true;
  return false;
}

/** Whether some moment of `then` is not one of `now`: windows that were full may have room. */
function earlierMoments(then: Tally, now: Tally, type: string): boolean {
  const left = [...(now.moments?.get(type) ?? [])];
  return (then.moments?.get(type) ?? []).some((moment) => {
    const at = left.indexOf(moment);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

import type { GraphNode } from './evidence.ts';
import type { Mark } from './ruling.ts';
import { classOf, signatureOf } from './ruling.ts';

/**
 * What the rules need to know of a set of fragments: how many values of each identifier type it holds, those that a
 * ruling made one counted once, and which rulings name any of them. Mutable, short-lived.
 */
export interface Tally {
  readonly counts: Map<string, number>;
  /** `type ruling` of values that count as one; absent where no ruling says so. */
  classes?: Set<string>;
  /** One of each sort of marked fragments; absent where none is marked. */
  signatures?: Map<string, readonly Mark[]>;
}

/** The tally of nothing. */
export function emptyTally(): Tally {
  return { counts: new Map() };
}

/** Counts a fragment in, once. */
export function countIn(tally: Tally, node: GraphNode, marks: readonly Mark[] | undefined): void {
  const { type } = node;
  if (marks !== undefined && marks.length > 0) {
    tally.signatures ??= new Map();
    tally.signatures.set(signatureOf(marks), marks);
    const ruling = classOf(marks);
    if (ruling !== undefined) {
      const name = `${type} ${ruling}`;
      tally.classes ??= new Set();
      if (tally.classes.has(name)) return;
      tally.classes.add(name);
    }
  }
  tally.counts.set(type, (tally.counts.get(type) ?? 0) + 1);
}

/** Adds what another, disjoint set holds. */
export function addTally(into: Tally, other: Tally): void {
  for (const [type, count] of other.counts) into.counts.set(type, (into.counts.get(type) ?? 0) + count);
  for (const name of other.classes ?? []) {
    into.classes ??= new Set();
    const type = typeOf(name);
    if (into.classes.has(name)) into.counts.set(type, (into.counts.get(type) ?? 0) - 1);
    else into.classes.add(name);
  }
  for (const [signature, marks] of other.signatures ?? []) {
    into.signatures ??= new Map();
    into.signatures.set(signature, marks);
  }
}

/** How many values of a type two disjoint sets hold together. */
export function jointCount(left: Tally, right: Tally, type: string): number {
  const count = (left.counts.get(type) ?? 0) + (right.counts.get(type) ?? 0);
  if (left.classes === undefined || right.classes === undefined) return count;
  let shared = 0;
  for (const name of left.classes) if (right.classes.has(name) && typeOf(name) === type) shared++;
  return count - shared;
}

/** False where nothing that was forbidden for the set can be allowed for what became of it. */
export function mayAllowMore(then: Tally, now: Tally, refused: { refusedBy: string; type: string }): boolean {
  if (refused.refusedBy === 'never') {
    for (const signature of then.signatures?.keys() ?? []) if (!now.signatures?.has(signature)) return true;
    return false;
  }
  if ((now.counts.get(refused.type) ?? 0) < (then.counts.get(refused.type) ?? 0)) return true;
  // A value that counts as one with some outside makes room without a smaller count here.
  for (const name of now.classes ?? [])
    if (typeOf(name) === refused.type && !then.classes?.has(name)) return true;
  return false;
}

function typeOf(name: string): string {
  return name.slice(0, name.lastIndexOf(' '));
}

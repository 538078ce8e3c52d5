import { compareText } from '../canonical.ts';
import type { Evidence, GraphNode } from './evidence.ts';
import type { FragmentId } from './identifier.ts';

/**
 * What a person ruled about pairs of identifiers: every one of `a` with every one of `b`. Of all rulings on a pair the
 * last stands. `never` keeps the pair apart. `always` takes an earlier `never` back, and lets the values of one side stand
 * beside those of the other: against unique and limits the side with more of a type counts. What joins them is a piece
 * of evidence of the same rule.
 */
export interface Ruling {
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly rule: 'always' | 'never';
  readonly a: readonly GraphNode[];
  readonly b: readonly GraphNode[];
  /** Of `never`: earlier `always` rulings that it cuts through wholly, so that both sides' values count again. */
  readonly undoes?: readonly string[];
}

/** A ruling as one fragment knows it. */
export interface Mark {
  readonly ruling: string;
  readonly at: string;
  readonly rule: Ruling['rule'];
  readonly side: 'a' | 'b';
  readonly undoes?: readonly string[];
}

/** The marks of each fragment that a ruling names, oldest first. */
export type Marks = Map<FragmentId, readonly Mark[]>;

/** Below zero where `left` was ruled first. */
function compareMarks(left: Mark, right: Mark): number {
  return compareText(left.at, right.at) || compareText(left.ruling, right.ruling);
}

/** Adds what a ruling says to the marks of the fragments it names. Once is enough: again changes nothing. */
export function addRuling(marks: Marks, ruling: Ruling): void {
  const { id, at, rule, undoes } = ruling;
  for (const side of ['a', 'b'] as const) {
    const mark: Mark = { ruling: id, at, rule, side, ...(undoes && undoes.length > 0 && { undoes }) };
    for (const { fragment } of ruling[side]) {
      const known = marks.get(fragment) ?? [];
      if (known.some((other) => other.ruling === id)) continue;
      marks.set(fragment, [...known, mark].sort(compareMarks));
    }
  }
}

/** The rulings that pieces of evidence are by themselves: those of rule `always` and `never` that none of `rulings` made. */
export function pairRulings(evidence: Iterable<Evidence>, rulings: readonly Ruling[]): Ruling[] {
  const known = new Set(rulings.map((ruling) => ruling.id));
  const found: Ruling[] = [];
  for (const { a, b, rule, firstSeen, messageId } of evidence)
    if ((rule === 'always' || rule === 'never') && !known.has(messageId))
      found.push({ id: messageId, at: firstSeen, rule, a: [a], b: [b] });
  return found;
}

/** The last ruling on a pair of fragments with these marks; undefined where there is none. */
export function lastRuling(left: readonly Mark[], right: readonly Mark[]): Mark | undefined {
  let last: Mark | undefined;
  for (const mark of left) {
    const opposite = right.some((other) => other.ruling === mark.ruling && other.side !== mark.side);
    if (opposite && (!last || compareMarks(mark, last) > 0)) last = mark;
  }
  return last;
}

/** The rulings in force by which a fragment may stand beside others of its type, the last first. */
export function allowancesOf(marks: readonly Mark[]): Mark[] {
  const undone = new Set(marks.flatMap((mark) => mark.undoes ?? []));
  return marks.filter((mark) => mark.rule === 'always' && !undone.has(mark.ruling)).reverse();
}

/** Tells apart fragments that different rulings, or different sides of them, name. */
export function signatureOf(marks: readonly Mark[]): string {
  return marks.map((mark) => `${mark.ruling} ${mark.side}`).join(' ');
}

/** What a profile keeps of a ruling: which of its members it names. */
export interface KnownRuling extends Omit<Ruling, 'a' | 'b'> {
  readonly a: readonly FragmentId[];
  readonly b: readonly FragmentId[];
}

/** The rulings that the marks come from, oldest first, members in order. */
export function rulingsOf(marks: ReadonlyMap<FragmentId, readonly Mark[]>): KnownRuling[] {
  const rulings = new Map<string, { mark: Mark; a: FragmentId[]; b: FragmentId[] }>();
  for (const fragment of [...marks.keys()].sort(compareText)) {
    for (const mark of marks.get(fragment) ?? []) {
      const known = rulings.get(mark.ruling) ?? { mark, a: [], b: [] };
      rulings.set(mark.ruling, known);
      known[mark.side].push(fragment);
    }
  }
  return [...rulings.values()]
    .sort((x, y) => compareMarks(x.mark, y.mark))
    .map(({ mark: { ruling, at, rule, undoes }, a, b }) => ({
      id: ruling,
      at,
      rule,
      a,
      b,
      ...(undoes && { undoes }),
    }));
}

/** The marks that a profile's rulings give its members. */
export function marksOf(rulings: readonly KnownRuling[]): Marks {
  const marks: Marks = new Map();
  const nodes = (fragments: readonly FragmentId[]): GraphNode[] =>
    fragments.map((fragment) => ({ fragment, type: '' }));
  for (const ruling of rulings) addRuling(marks, { ...ruling, a: nodes(ruling.a), b: nodes(ruling.b) });
  return marks;
}

import { compareText } from '../canonical.ts';
import type { Change } from './displace.ts';
import type { Evidence, GraphNode } from './evidence.ts';
import type { Cluster } from './graph.ts';
import type { FragmentId } from './identifier.ts';
import { directed } from './order.ts';
import type { Mark } from './ruling.ts';
import { UnionFind } from './union.ts';

/** The source of evidence that people's rulings are. */
export const OPERATOR_SOURCE = 'operator';

/** Somebody wants two identifiers to be one person for good, or never. */
export interface PairRequest {
  readonly kind: 'link' | 'never-link';
  readonly id: string;
  /** ISO 8601 UTC; of two rulings on a pair the later stands. */
  readonly at: string;
  readonly a: GraphNode;
  readonly b: GraphNode;
}

/** Somebody wants these identifiers of a profile to go, and the others to stay. */
export interface SplitRequest {
  readonly kind: 'split';
  readonly id: string;
  readonly at: string;
  readonly away: readonly GraphNode[];
}

export type RulingRequest = PairRequest | SplitRequest;

/** Why a request is not ruled on. */
export type RulingRefusal =
  'same-identifier' | 'nothing-away' | 'everything-away' | 'not-together' | 'too-large';

export type Decided =
  | { readonly status: 'decided'; readonly change: Change }
  | { readonly status: 'refused'; readonly reason: RulingRefusal };

/** The request that a piece of evidence of rule `always` or `never` makes; undefined for other rules. */
export function requestOf(piece: Evidence): PairRequest | undefined {
  if (piece.rule !== 'always' && piece.rule !== 'never') return undefined;
  const { a, b, firstSeen: at, messageId: id } = piece;
  return { kind: piece.rule === 'always' ? 'link' : 'never-link', id, at, a, b };
}

/** The fragments that a request names. */
export function namedBy(request: RulingRequest): readonly GraphNode[] {
  return request.kind === 'split' ? request.away : [request.a, request.b];
}

/** Whether the profiles at hand know the ruling: then it was made, and is not made again. */
export function isRuled(request: RulingRequest, clusterOf: (node: GraphNode) => Cluster): boolean {
  return namedBy(request).some((node) =>
    marksIn(clusterOf(node), node.fragment).some((mark) => mark.ruling === request.id),
  );
}

/** What a request comes to for the profiles as they are. Pure: made again from the same, it is the same. */
export function decide(request: RulingRequest, clusterOf: (node: GraphNode) => Cluster): Decided {
  if (request.kind === 'split') return decideSplit(request, clusterOf);
  const { a, b, id, at } = request;
  if (a.fragment === b.fragment) return refusedFor('same-identifier');
  if (request.kind === 'never-link')
    return decided({ rulings: [{ id, at, rule: 'never', a: [a], b: [b] }], evidence: [] });
  const [left, right] = [clusterOf(a), clusterOf(b)];
  // Two profiles are linked whole: all their values may stand beside each other, and nothing ruled before forbids it.
  const sides =
    left === right ? { a: [a], b: [b] } : { a: [...left.members.values()], b: [...right.members.values()] };
  return decided({ rulings: [{ id, at, rule: 'always', ...sides }], evidence: [joins(a, b, request)] });
}

function decideSplit(request: SplitRequest, clusterOf: (node: GraphNode) => Cluster): Decided {
  const { id, at } = request;
  const away = new Map(request.away.map((node) => [node.fragment, node]));
  const [cluster, ...others] = new Set(request.away.map(clusterOf));
  if (!cluster) return refusedFor('nothing-away');
  if (others.length > 0) return refusedFor('not-together');
  const stay = [...cluster.members.values()].filter((node) => !away.has(node.fragment));
  if (stay.length === 0) return refusedFor('everything-away');
  const undoes = cutThrough(cluster, away);
  const ruling = {
    ...{ id, at, rule: 'never' as const, a: [...away.values()], b: stay },
    ...(undoes.length > 0 && { undoes }),
  };
  const evidence = [
    ...heldTogether(cluster, [...away.values()], request),
    ...heldTogether(cluster, stay, request),
  ];
  return decided({ rulings: [ruling], evidence });
}

/** Links by hand that the cut leaves no two ends of on one side. */
function cutThrough(cluster: Cluster, away: ReadonlyMap<FragmentId, GraphNode>): string[] {
  const sides = new Map<string, Set<string>>();
  for (const [fragment, marks] of cluster.marks) {
    for (const mark of marks) {
      if (mark.rule !== 'always') continue;
      const found = sides.get(mark.ruling) ?? new Set();
      sides.set(mark.ruling, found.add(`${mark.side} ${away.has(fragment) ? 'away' : 'stay'}`));
    }
  }
  const isCut = (found: ReadonlySet<string>): boolean =>
    found.size === 2 &&
    ((found.has('a away') && found.has('b stay')) || (found.has('b away') && found.has('a stay')));
  return [...sides].filter(([, found]) => isCut(found)).map(([ruling]) => ruling);
}

/** What goes or stays, goes or stays as one: where only the other side held it together, the ruling does from now on. */
function heldTogether(cluster: Cluster, side: readonly GraphNode[], request: SplitRequest): Evidence[] {
  const sets = new UnionFind();
  const sorted = [...side].sort((x, y) => compareText(x.fragment, y.fragment));
  for (const node of sorted) sets.add(node);
  const here = new Set(side.map((node) => node.fragment));
  for (const { a, b } of cluster.links.values())
    if (here.has(a.fragment) && here.has(b.fragment)) sets.union(a.fragment, b.fragment);
  const [first, ...rest] = sorted;
  const found: Evidence[] = [];
  for (const node of rest) {
    if (!first || sets.find(first.fragment) === sets.find(node.fragment)) continue;
    sets.union(first.fragment, node.fragment);
    found.push(joins(first, node, request));
  }
  return found;
}

function joins(a: GraphNode, b: GraphNode, request: RulingRequest): Evidence {
  const { id, at } = request;
  return directed({ a, b, rule: 'always', firstSeen: at, source: OPERATOR_SOURCE, messageId: id });
}

function marksIn(cluster: Cluster, fragment: FragmentId): readonly Mark[] {
  return cluster.marks.get(fragment) ?? [];
}

function decided(change: Change): Decided {
  return { status: 'decided', change };
}

function refusedFor(reason: RulingRefusal): Decided {
  return { status: 'refused', reason };
}

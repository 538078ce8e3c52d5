import type { ProfileId } from '../identifier.ts';
import type { GraphNode, RefusedBy } from '../evidence.ts';
import type { WholeGraph } from './columns.ts';
import type { ChangedRegion, Difference } from './compare.ts';
import type { WholePartition } from './judge.ts';

/** Changes that a report names; the counts are of all. */
export const CHANGES_NAMED_MAX = 1_000;
/** Pieces of evidence that a change gives as its reasons. */
const REASONS_MAX = 5;
/** Fragments that a change shows of each part. */
const PART_SHOWN_MAX = 20;

/** A piece of evidence that would change sides, and the rule that refuses it before or after. */
export interface ChangeReason {
  readonly a: GraphNode;
  readonly b: GraphNode;
  readonly rule: string;
  readonly source: string;
  readonly messageId: string;
  readonly firstSeen: string;
  /** What refuses it now; absent where it is in force. */
  readonly refusedNow?: RefusedBy;
  /** What would refuse it; absent where it would be in force. */
  readonly refusedThen?: RefusedBy;
}

/** Profiles that would merge, split, or both. */
export interface NamedChange {
  readonly kind: 'merge' | 'split' | 'regroup';
  readonly profiles: readonly ProfileId[];
  /** What becomes of them: how many fragments each part has, and some of them. */
  readonly parts: readonly { readonly size: number; readonly fragments: readonly GraphNode[] }[];
  readonly because: readonly ChangeReason[];
}

/** What rules would change, without anything having been changed. */
export interface SimulationReport {
  readonly fragments: number;
  readonly pieces: number;
  readonly profiles: { readonly before: number; readonly after: number };
  /** Changes by kind. */
  readonly merges: number;
  readonly splits: number;
  readonly regroups: number;
  /** Profiles that take part in any change. */
  readonly profilesAffected: number;
  readonly fragmentsAffected: number;
  readonly largest: { readonly before: number; readonly after: number };
  /** Fragments that would stand by themselves, by reason. */
  readonly isolated: Readonly<Record<string, number>>;
  /** Refused evidence under the rules tried, by the rule that refuses it. */
  readonly refused: Readonly<Record<string, number>>;
  readonly changes: readonly NamedChange[];
  /** Changes beyond those named. */
  readonly unnamed: number;
}

/** Writes the report. */
export function reportOf(
  graph: WholeGraph,
  partition: WholePartition,
  difference: Difference,
): SimulationReport {
  const { regions } = difference;
  const kinds = { merge: 0, split: 0, regroup: 0 };
  for (const region of regions) kinds[kindOf(region)]++;
  const named = regions.slice(0, CHANGES_NAMED_MAX);
  const isolated: Record<string, number> = {};
  for (const reason of partition.isolated.values()) isolated[reason] = (isolated[reason] ?? 0) + 1;
  return {
    fragments: graph.fragments.all.length,
    pieces: graph.pieces.length,
    profiles: { before: difference.profilesBefore, after: difference.profilesAfter },
    merges: kinds.merge,
    splits: kinds.split,
    regroups: kinds.regroup,
    profilesAffected: regions.reduce((sum, region) => sum + region.profiles.length, 0),
    fragmentsAffected: regions.reduce((sum, { parts }) => sum + parts.flat().length, 0),
    largest: {
      before: largestOf(graph.profileOf.view(), graph.profiles.all.length),
      after: largestOf(partition.label, partition.label.length),
    },
    isolated,
    refused: refusedIn(graph, partition),
    changes: nameChanges(graph, partition, named),
    unnamed: regions.length - named.length,
  };
}

function kindOf({ profiles, parts }: ChangedRegion): NamedChange['kind'] {
  if (parts.length === 1) return 'merge';
  return profiles.length === 1 ? 'split' : 'regroup';
}

function largestOf(names: Int32Array, most: number): number {
  const sizes = new Int32Array(most);
  let largest = 0;
  for (const name of names) {
    if (name < 0) continue;
    const size = (sizes[name] ?? 0) + 1;
    sizes[name] = size;
    if (size > largest) largest = size;
  }
  return largest;
}

function refusedIn(graph: WholeGraph, partition: WholePartition): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let piece = 0; piece < graph.pieces.length; piece++) {
    const refusedBy = partition.refusedBy(piece);
    if (refusedBy !== undefined) counts[refusedBy] = (counts[refusedBy] ?? 0) + 1;
  }
  return counts;
}

function nameChanges(
  graph: WholeGraph,
  partition: WholePartition,
  regions: readonly ChangedRegion[],
): NamedChange[] {
  const regionOf = new Map<number, number>();
  for (const [index, { parts }] of regions.entries())
    for (const part of parts) for (const fragment of part) regionOf.set(fragment, index);
  const reasons = regions.map((): Map<string, ChangeReason> => new Map());
  for (let piece = 0; piece < graph.pieces.length; piece++) {
    const found = reasons[regionOf.get(graph.a.at(piece)) ?? regionOf.get(graph.b.at(piece)) ?? -1];
    if (!found || found.size >= REASONS_MAX) continue;
    const reason = reasonOf(graph, partition, piece);
    if (reason) found.set(`${reason.a.fragment} ${reason.b.fragment} ${reason.messageId}`, reason);
  }
  return regions.map((region, index) => ({
    kind: kindOf(region),
    profiles: region.profiles.map((profile) => graph.profiles.at(profile)),
    parts: region.parts.map((part) => ({
      size: part.length,
      fragments: part.slice(0, PART_SHOWN_MAX).map((fragment) => graph.nodeAt(fragment)),
    })),
    because: [...(reasons[index]?.values() ?? [])],
  }));
}

/** Undefined for a piece that stays on the side it is on. */
function reasonOf(graph: WholeGraph, partition: WholePartition, piece: number): ChangeReason | undefined {
  const standing = graph.standing(piece);
  const refusedThen = partition.refusedBy(piece);
  if ((standing === 'link') === (refusedThen === undefined)) return undefined;
  const known = graph.pieces[piece];
  if (!known) return undefined;
  const { a, b, rule, source, messageId, firstSeen } = known;
  return {
    ...{ a, b, rule, source, messageId, firstSeen },
    ...(standing === 'link' ? {} : { refusedNow: standing }),
    ...(refusedThen === undefined ? {} : { refusedThen }),
  };
}

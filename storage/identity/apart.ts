import { createHash } from 'node:crypto';
import type { GraphNode, Refusal } from '../../domain/identity/evidence.ts';
import type { Cluster } from '../../domain/identity/graph.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { comparePreference, pairKey } from '../../domain/identity/order.ts';
import type { Item, Key, Table, WriteOp } from '../ports.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import { apartKey } from './layout.ts';
import type { DirectoryRecords, RecordSealer } from './records.ts';

/** 132 bits of a hash, far from any collision among one fragment's pairs. */
const DIGEST_CHARS = 22;
const PAGE_ITEMS = 1_000;

/** Refused evidence that a head has no room for, with the member that it is about. */
export interface ApartPiece {
  readonly fragment: FragmentId;
  readonly refusal: Refusal;
}

/** Where a piece is stored apart: one item a fragment and pair, so that none of them grows. */
function placeApart(fragment: FragmentId, key: string): Key {
  const digest = createHash('sha256').update(key).digest('base64url');
  return apartKey(fragment, digest.slice(0, DIGEST_CHARS));
}

/**
 * Stores evidence apart, ahead of the commit that leaves it out of a head: it is a fact whether or not that comes about, so
 * only a correction takes any of it back. Of one pair the preferred piece stays. Throws `ConditionFailed` where somebody else
 * stored a piece meanwhile.
 */
export async function storeApart(
  table: Table,
  records: DirectoryRecords,
  sealer: RecordSealer,
  pieces: readonly ApartPiece[],
): Promise<void> {
  for (let from = 0; from < pieces.length; from += WRITE_OPS_MAX) {
    const portion = pieces.slice(from, from + WRITE_OPS_MAX);
    const places = portion.map(({ fragment, refusal }) => placeApart(fragment, pairKey(refusal.evidence)));
    const items = await table.getMany(places);
    const known = await records.openApart(items.filter((item) => item !== undefined));
    const stored = new Map(known.map(({ evidence }) => [pairKey(evidence), evidence]));
    const ops = portion.flatMap((piece, index): WriteOp[] => {
      const { evidence } = piece.refusal;
      const before = items[index] && stored.get(pairKey(evidence));
      if (before && comparePreference(before, evidence) <= 0) return [];
      const version = items[index]?.version ?? 0;
      const place = placeApart(piece.fragment, pairKey(evidence));
      const expect = version === 0 ? 'absent' : version;
      return [{ kind: 'put', ...sealer.apart(place, version + 1, piece.refusal), expect }];
    });
    if (ops.length > 0) await table.write(ops);
  }
}

/** A pair, by the key of its evidence, and those of its ends that name somebody. */
export interface ApartPair {
  readonly key: string;
  readonly ends: readonly GraphNode[];
}

/** Takes evidence back that is stored apart, at its ends: its events hold no longer. A second time changes nothing. */
export async function forgetApart(table: Table, pairs: readonly ApartPair[]): Promise<void> {
  const places = pairs.flatMap(({ key, ends }) => ends.map(({ fragment }) => placeApart(fragment, key)));
  for (let from = 0; from < places.length; from += WRITE_OPS_MAX) {
    const items = await table.getMany(places.slice(from, from + WRITE_OPS_MAX));
    const there = new Map(items.flatMap((item) => (item ? [[`${item.pk} ${item.sk}`, item]] : [])));
    const ops = [...there.values()].map(({ pk, sk }): WriteOp => ({ kind: 'delete', pk, sk }));
    if (ops.length > 0) await table.write(ops);
  }
}

/** Brings what is stored apart about a cluster's members into its refused evidence. */
export async function loadApart(table: Table, records: DirectoryRecords, cluster: Cluster): Promise<void> {
  for (const fragment of cluster.members.keys())
    for (const { evidence, ...reason } of await readApart(table, records, fragment)) {
      const key = pairKey(evidence);
      const known = cluster.links.get(key) ?? cluster.refused.get(key)?.evidence;
      if (known && comparePreference(known, evidence) <= 0) continue;
      const isInside = [evidence.a, evidence.b].every((end) => cluster.members.has(end.fragment));
      if (isInside) cluster.links.set(key, evidence);
      else cluster.refused.set(key, { evidence, ...reason });
    }
  cluster.apart = 'loaded';
}

async function readApart(table: Table, records: DirectoryRecords, fragment: FragmentId): Promise<Refusal[]> {
  const found: Item[] = [];
  for (;;) {
    const after = found.at(-1)?.sk;
    const range = { pk: apartKey(fragment, '').pk, limit: PAGE_ITEMS };
    const page = await table.query(after === undefined ? range : { ...range, after });
    found.push(...page);
    if (page.length < PAGE_ITEMS) return records.openApart(found);
  }
}

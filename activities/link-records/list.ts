import type { GraphNode, ProfileHead } from '../../domain/identity/evidence.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { addRuling, lastRuling, type KnownRuling, type Marks } from '../../domain/identity/ruling.ts';
import { UnionFind } from '../../domain/identity/union.ts';
import type { LinkRequest } from '../../domain/link-records/run.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { LISTING_PART, type Listing } from './types.ts';

/** Records of one part: some megabytes at most. */
export const PART_RECORDS = 5_000;
const HEADS_PAGE = 500;

/**
 * Lists the fragments of the record type, in the order of their addresses, in parts; and the pairs among them that
 * events and rulings decide. Once done it answers the same for the same run.
 */
export async function listFragments(
  store: Pick<TenantStore, 'directory' | 'linkage'>,
  request: LinkRequest,
  beat: () => void,
): Promise<Listing> {
  const { runId, recordType } = request;
  const { work } = store.linkage;
  const known = await work.get<Listing>(runId, 'result', LISTING_PART);
  if (known !== undefined) return known;
  const knownAt = new Date().toISOString();
  const fragments: FragmentId[] = [];
  const must: [FragmentId, FragmentId][] = [];
  const rulings = new Rulings();
  let after: string | undefined;
  for (;;) {
    const { heads, next } = await store.directory.heads({
      limit: HEADS_PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const head of heads) {
      const members = head.members.filter(({ type }) => type === recordType);
      for (const { fragment } of members) fragments.push(fragment);
      if (members.length > 1) must.push(...decidedAlready(head, members));
      rulings.add(head, members);
    }
    beat();
    if (next === null) break;
    after = next;
  }
  fragments.sort();
  let parts = 0;
  for (let from = 0; from < fragments.length; from += PART_RECORDS)
    await work.put(runId, 'fragments', parts++, fragments.slice(from, from + PART_RECORDS));
  const listing: Listing = { knownAt, fragments: fragments.length, parts, must, cannot: rulings.apart() };
  await work.put(runId, 'result', LISTING_PART, listing);
  return listing;
}

/** Pairs of a profile's records that are one person whatever a model says: joined by events or rulings alone. */
function decidedAlready(head: ProfileHead, members: readonly GraphNode[]): [FragmentId, FragmentId][] {
  const sets = new UnionFind();
  for (const member of head.members) sets.add(member);
  for (const { a, b, rule } of head.links)
    if (rule === 'same-event' || rule === 'always') sets.union(a.fragment, b.fragment);
  const first = new Map<FragmentId, FragmentId>();
  const pairs: [FragmentId, FragmentId][] = [];
  for (const { fragment } of members) {
    const root = sets.find(fragment);
    const one = first.get(root);
    if (one === undefined) first.set(root, fragment);
    else pairs.push([one, fragment]);
  }
  return pairs;
}

/** Rulings on records, put together from what each profile knows of them. */
class Rulings {
  readonly #rulings = new Map<string, Omit<KnownRuling, 'a' | 'b'> & { a: GraphNode[]; b: GraphNode[] }>();

  /** Notes what a profile knows of rulings on its records. */
  add(head: ProfileHead, records: readonly GraphNode[]): void {
    if (head.rulings === undefined) return;
    const nodes = new Map(records.map((node) => [node.fragment, node]));
    for (const ruling of head.rulings) {
      const known = this.#rulings.get(ruling.id) ?? { ...ruling, a: [], b: [] };
      this.#rulings.set(ruling.id, known);
      for (const side of ['a', 'b'] as const)
        known[side].push(...ruling[side].flatMap((fragment) => nodes.get(fragment) ?? []));
    }
  }

  /** Pairs of which the last ruling is that they are never one person. */
  apart(): [FragmentId, FragmentId][] {
    const marks: Marks = new Map();
    for (const ruling of this.#rulings.values()) addRuling(marks, ruling);
    const pairs: [FragmentId, FragmentId][] = [];
    for (const { rule, a, b } of this.#rulings.values()) {
      if (rule !== 'never') continue;
      for (const { fragment: one } of a)
        for (const { fragment: two } of b)
          if (lastRuling(marks.get(one) ?? [], marks.get(two) ?? [])?.rule === 'never')
            pairs.push([one, two]);
    }
    return pairs;
  }
}

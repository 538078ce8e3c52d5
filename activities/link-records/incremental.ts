import type { FragmentId } from '../../domain/identity/identifier.ts';
import { blockingKeys } from '../../domain/link-records/keys.ts';
import { agglomerate } from '../../domain/linkage/agglomerate.ts';
import { BLOCK_MAX } from '../../domain/linkage/blocking/candidates.ts';
import { Matcher, weightOf } from '../../domain/linkage/index.ts';
import type { IndexPair, LinkageModel, ScoredPairs } from '../../domain/linkage/index.ts';
import { orderPairs } from '../../domain/linkage/score.ts';
import { personRecord } from '../../storage/linkage/pair.ts';
import type { RecordReader } from '../../storage/linkage/read-record.ts';
import type { BlindIndex } from '../../storage/linkage/types.ts';
import type { Listing, WorkRecord } from './types.ts';

/** What new and changed records are compared with, and by what. */
export interface IncrementalInput {
  readonly model: LinkageModel;
  readonly index: Pick<BlindIndex, 'lookup'>;
  readonly indexName: string;
  /** Reads any record of the scope. */
  readonly read: RecordReader;
  /** Records that are new or changed. */
  readonly changed: readonly WorkRecord[];
  readonly listing: Pick<Listing, 'must' | 'cannot'>;
  readonly thresholdLink: number;
  readonly thresholdReview: number;
  readonly beat: () => void;
}

/** Records by number, the pairs scored among them, and the cluster of each. */
export interface IncrementalResult {
  readonly ids: readonly FragmentId[];
  readonly scored: ScoredPairs;
  readonly cluster: Int32Array;
}

/**
 * Clusters what new and changed records can reach through pairs strong enough to link, and nothing else: the same
 * clusters as a batch over all records under the same model.
 */
export async function linkIncrement(input: IncrementalInput): Promise<IncrementalResult> {
  const neighbours = new Neighbours(input);
  const linkFrom = weightOf(input.thresholdLink);
  const reviewFrom = weightOf(input.thresholdReview);
  const must = bothWays(input.listing.must);
  const pairs = new Map<string, readonly [FragmentId, FragmentId, number]>();
  const reached = new Set<FragmentId>();
  const frontier = input.changed.map(({ f }) => f);
  for (let id = frontier.pop(); id !== undefined; id = frontier.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    input.beat();
    for (const { other, weight } of await neighbours.of(id)) {
      if (weight < reviewFrom) continue;
      pairs.set(id < other ? `${id} ${other}` : `${other} ${id}`, [id, other, weight]);
      if (Math.fround(weight) > linkFrom) frontier.push(other);
    }
    frontier.push(...(must.get(id) ?? []));
  }
  const ends = [...pairs.values()].flatMap(([a, b]) => [a, b]);
  return clusterOf(
    [...new Set([...reached, ...ends])].sort(),
    [...pairs.values()],
    neighbours,
    input,
    linkFrom,
  );
}

function clusterOf(
  ids: readonly FragmentId[],
  pairs: readonly (readonly [FragmentId, FragmentId, number])[],
  neighbours: Neighbours,
  { listing }: IncrementalInput,
  linkFrom: number,
): IncrementalResult {
  const places = new Map(ids.map((id, at) => [id, at]));
  const placed = (one: FragmentId, two: FragmentId): IndexPair => {
    const [a, b] = [places.get(one) ?? -1, places.get(two) ?? -1];
    return a < b ? [a, b] : [b, a];
  };
  const numbered = pairs.map(([one, two]) => placed(one, two));
  const scored = orderPairs(
    Int32Array.from(numbered, ([a]) => a),
    Int32Array.from(numbered, ([, b]) => b),
    Float32Array.from(pairs, ([, , weight]) => weight),
    pairs.length,
  );
  const among = (given: Listing['must']): IndexPair[] =>
    given.filter(([one, two]) => places.has(one) && places.has(two)).map(([one, two]) => placed(one, two));
  const found = agglomerate(
    ids.length,
    scored,
    (x, y) => neighbours.weight(ids[x] ?? '', ids[y] ?? ''),
    linkFrom,
    { cannotLink: among(listing.cannot), mustLink: among(listing.must) },
  );
  return { ids, scored, cluster: Int32Array.from(ids.keys(), (at) => found.find(at)) };
}

/** Whom a record is compared with: the index says who shares a key, the records themselves are read from the log. */
class Neighbours {
  readonly #input: IncrementalInput;
  readonly #matcher: Matcher;
  readonly #keys = new Map<FragmentId, readonly string[]>();
  readonly #changed: ReadonlyMap<FragmentId, WorkRecord>;
  /** The changed records by key: the index does not have them yet, or has them as they were. */
  readonly #byKey = new Map<string, FragmentId[]>();

  constructor(input: IncrementalInput) {
    this.#input = input;
    this.#matcher = new Matcher(input.model);
    this.#changed = new Map(input.changed.map((record) => [record.f, record]));
    const keyed = blockingKeys(
      input.changed.map(({ f, p }) => personRecord(f, p)),
      input.model,
    );
    for (const { id, keys } of keyed) {
      this.#keys.set(id, keys);
      for (const key of keys) {
        const members = this.#byKey.get(key);
        if (members === undefined) this.#byKey.set(key, [id]);
        else members.push(id);
      }
    }
  }

  async of(id: FragmentId): Promise<{ other: FragmentId; weight: number }[]> {
    if (!(await this.#place(id))) return [];
    const keys = this.#keys.get(id) ?? [];
    const blocks = await this.#input.index.lookup(this.#input.indexName, keys);
    const candidates = new Set<FragmentId>();
    for (const [at, key] of keys.entries()) {
      const stored = (blocks[at] ?? []).filter((other) => !this.#changed.has(other));
      const block = [...stored, ...(this.#byKey.get(key) ?? [])];
      // As in a batch: a key that so many share says nothing about who is who.
      if (block.length <= BLOCK_MAX) for (const other of block) candidates.add(other);
    }
    candidates.delete(id);
    const found: { other: FragmentId; weight: number }[] = [];
    for (const other of candidates)
      if (await this.#place(other)) found.push({ other, weight: this.weight(id, other) });
    return found;
  }

  weight(one: FragmentId, two: FragmentId): number {
    const [a, b] = [this.#matcher.slotOf(one), this.#matcher.slotOf(two)];
    return a === undefined || b === undefined ? -Infinity : this.#matcher.weight(a, b);
  }

  /** Reads a record where it is not there yet; false where it is none any more. */
  async #place(id: FragmentId): Promise<boolean> {
    if (this.#matcher.slotOf(id) !== undefined) return true;
    const person = this.#changed.get(id)?.p ?? (await this.#input.read(id))?.person;
    if (person === undefined) return false;
    const record = personRecord(id, person);
    this.#matcher.add(record);
    if (!this.#keys.has(id)) this.#keys.set(id, blockingKeys([record], this.#input.model)[0]?.keys ?? []);
    return true;
  }
}

function bothWays(pairs: Listing['must']): Map<FragmentId, FragmentId[]> {
  const partners = new Map<FragmentId, FragmentId[]>();
  const note = (one: FragmentId, two: FragmentId): void => {
    const known = partners.get(one);
    if (known === undefined) partners.set(one, [two]);
    else known.push(two);
  };
  for (const [a, b] of pairs) {
    note(a, b);
    note(b, a);
  }
  return partners;
}

import { agglomerate, type Constraints } from './agglomerate.ts';
import { LINK_AT } from './cluster.ts';
import { Matcher } from './matcher.ts';
import { orderPairs } from './score.ts';
import type { IndexPair, LinkageModel, PersonRecord } from './types.ts';
import { weightOf } from './weigh.ts';

/** Two records by id. */
export type IdPair = readonly [string, string];

export interface IncrementalOptions {
  readonly linkAt?: number;
  readonly cannotLink?: readonly IdPair[];
  readonly mustLink?: readonly IdPair[];
}

/**
 * Clusters that are kept up to date as records come and go: at any moment those that a batch over the same records under
 * the same model gives. Only what a change can reach through pairs strong enough to link is clustered again.
 */
export class IncrementalClusters {
  readonly #matcher: Matcher;
  readonly #linkFrom: number;
  readonly #must: ReadonlyMap<string, readonly string[]>;
  readonly #cannot: ReadonlyMap<string, readonly string[]>;
  /** The members of each record's cluster, shared by them, in the order of their ids. */
  readonly #clusters = new Map<string, readonly string[]>();

  constructor(
    model: LinkageModel,
    { linkAt = LINK_AT, cannotLink = [], mustLink = [] }: IncrementalOptions = {},
  ) {
    this.#matcher = new Matcher(model);
    this.#linkFrom = weightOf(linkAt);
    this.#must = bothWays(mustLink);
    this.#cannot = bothWays(cannotLink);
  }

  /** Ids of the cluster that a record is in, itself included; empty for one that is not here. */
  clusterOf(id: string): readonly string[] {
    return this.#clusters.get(id) ?? [];
  }

  /** All clusters, by their first id. */
  clusters(): (readonly string[])[] {
    return [...new Set(this.#clusters.values())].sort(([x = ''], [y = '']) => (x < y ? -1 : 1));
  }

  /** Adds records, in place of those that have their ids; answers the clusters that this may have changed, as they are now. */
  add(records: Iterable<PersonRecord>): (readonly string[])[] {
    const touched = new Set<string>();
    for (const record of records) {
      this.#takeOut(record.id, touched);
      const slot = this.#matcher.add(record);
      touched.add(record.id);
      // A block that has just become too large no longer proposes the pairs that it did.
      this.#touch(this.#matcher.atTheCap(slot), touched);
    }
    return this.#recompute(touched);
  }

  /** Takes records out; answers the clusters that this may have changed. */
  remove(ids: Iterable<string>): (readonly string[])[] {
    const touched = new Set<string>();
    for (const id of ids) this.#takeOut(id, touched);
    return this.#recompute(touched);
  }

  #takeOut(id: string, touched: Set<string>): void {
    const slot = this.#matcher.slotOf(id);
    if (slot === undefined) return;
    this.#touch(this.#matcher.candidates(slot), touched);
    this.#touch(this.#matcher.atTheCap(slot), touched);
    for (const mate of this.clusterOf(id)) touched.add(mate);
    this.#matcher.remove(id);
    this.#clusters.delete(id);
  }

  #touch(slots: Iterable<number>, touched: Set<string>): void {
    for (const slot of slots) touched.add(this.#matcher.idOf(slot));
  }

  #recompute(touched: ReadonlySet<string>): (readonly string[])[] {
    const start = new Set([...touched].flatMap((id) => [id, ...this.clusterOf(id)]));
    const reached = new Map<string, Map<string, number>>();
    const frontier = [...start];
    for (let id = frontier.pop(); id !== undefined; id = frontier.pop()) {
      if (reached.has(id) || this.#matcher.slotOf(id) === undefined) continue;
      const strong = this.#strongPairs(id);
      reached.set(id, strong);
      frontier.push(...strong.keys(), ...(this.#must.get(id) ?? []), ...this.clusterOf(id));
    }
    return this.#cluster(reached);
  }

  #strongPairs(id: string): Map<string, number> {
    const strong = new Map<string, number>();
    const slot = this.#matcher.slotOf(id);
    if (slot === undefined || !this.#matcher.model.converged) return strong;
    for (const other of this.#matcher.candidates(slot)) {
      const weight = this.#matcher.weight(slot, other);
      if (Math.fround(weight) > this.#linkFrom) strong.set(this.#matcher.idOf(other), weight);
    }
    return strong;
  }

  #present(partners: ReadonlyMap<string, readonly string[]>, id: string): string[] {
    return (partners.get(id) ?? []).filter((other) => this.#matcher.slotOf(other) !== undefined);
  }

  #cluster(reached: ReadonlyMap<string, ReadonlyMap<string, number>>): (readonly string[])[] {
    const ids = [...reached.keys()].sort();
    const at = new Map(ids.map((id, index) => [id, index]));
    const slots = ids.map((id) => this.#matcher.slotOf(id) as number);
    const [a, b, weight]: [number[], number[], number[]] = [[], [], []];
    for (const [id, strong] of reached)
      for (const [other, w] of strong) {
        if (other < id) continue;
        a.push(at.get(id) as number);
        b.push(at.get(other) as number);
        weight.push(w);
      }
    const pairs = orderPairs(Int32Array.from(a), Int32Array.from(b), Float32Array.from(weight), a.length);
    const indexed = (partners: ReadonlyMap<string, readonly string[]>): IndexPair[] =>
      ids.flatMap((id, index) =>
        this.#present(partners, id).flatMap((other): IndexPair[] => {
          const to = at.get(other);
          return to !== undefined && index < to ? [[index, to]] : [];
        }),
      );
    const constraints: Constraints = { cannotLink: indexed(this.#cannot), mustLink: indexed(this.#must) };
    const weigh = (x: number, y: number): number =>
      this.#matcher.weight(slots[x] as number, slots[y] as number);
    const found = agglomerate(ids.length, pairs, weigh, this.#linkFrom, constraints);
    const clusters = new Map<number, string[]>();
    ids.forEach((id, index) => {
      const root = found.find(index);
      const members = clusters.get(root) ?? [];
      members.push(id);
      clusters.set(root, members);
      this.#clusters.set(id, members);
    });
    return [...clusters.values()];
  }
}

function bothWays(pairs: readonly IdPair[]): Map<string, string[]> {
  const partners = new Map<string, string[]>();
  for (const [a, b] of pairs) {
    partners.set(a, [...(partners.get(a) ?? []), b]);
    partners.set(b, [...(partners.get(b) ?? []), a]);
  }
  return partners;
}

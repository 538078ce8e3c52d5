import { NumberedSets } from '../../domain/identity/components.ts';
import type { WholeGraph } from '../../domain/identity/whole/columns.ts';
import type { Difference } from '../../domain/identity/whole/compare.ts';
import type { WholePartition } from '../../domain/identity/whole/judge.ts';
import type { RegionWork } from '../../storage/simulations/types.ts';

/** Profiles that do not depend on each other and change a word or two are written together, so many a transaction. */
const NOTED_TOGETHER = 40;

/**
 * What a promotion has to do: the regions that differ from what is stored; identifiers that stand by themselves from now
 * on, or no longer; and evidence about those, whose reason to be refused is another now.
 */
export function workOf(graph: WholeGraph, judged: WholePartition, difference: Difference): RegionWork[] {
  const plan = new RegionPlan(graph, judged);
  for (const { profiles } of difference.regions) plan.together(profiles);
  for (const [fragment, reason] of judged.isolated)
    if (graph.isolated.get(fragment) !== reason && graph.profileOf.at(fragment) >= 0)
      plan.together([plan.placeOf(fragment)]);
  // What stood by itself and need not any more, though nothing is joined to it.
  for (const fragment of graph.isolated.keys())
    if (!judged.isolated.has(fragment)) plan.together([plan.placeOf(fragment)]);
  for (let piece = 0; piece < graph.pieces.length; piece++) plan.judgeAgain(piece);
  return plan.regions();
}

/** Gathers profiles, and values that have none yet, into sets that are judged together. */
class RegionPlan {
  readonly #graph: WholeGraph;
  readonly #judged: WholePartition;
  /** Over the profiles and, after them, the fragments: of those, only what has no profile is ever touched. */
  readonly #sets: NumberedSets;
  readonly #touched = new Set<number>();
  /** Profiles in which only a reason changes. */
  readonly #noted = new Set<number>();
  /** Values without a profile that are to have one of their own. */
  readonly #placed = new Set<number>();

  constructor(graph: WholeGraph, judged: WholePartition) {
    this.#graph = graph;
    this.#judged = judged;
    this.#sets = new NumberedSets(graph.profiles.all.length + graph.fragments.all.length);
  }

  placeOf(fragment: number): number {
    const profile = this.#graph.profileOf.at(fragment);
    return profile < 0 ? this.#graph.profiles.all.length + fragment : profile;
  }

  together(places: readonly number[]): void {
    const [first] = places;
    for (const place of places) {
      this.#touched.add(place);
      if (first !== undefined) this.#sets.union(first, place);
    }
  }

  /** A piece that was refused for what one of its ends was, and would not be for that now. */
  judgeAgain(piece: number): void {
    const [graph, judged] = [this.#graph, this.#judged];
    const standing = graph.standing(piece);
    if (!isOfOneEnd(standing)) return;
    const reason = judged.refusedBy(piece);
    if (reason === standing) return;
    const ends = [graph.a.at(piece), graph.b.at(piece)];
    if (reason === undefined || !isOfOneEnd(reason)) {
      this.together(ends.map((end) => this.placeOf(end)));
      return;
    }
    for (const end of ends) {
      if (graph.profileOf.at(end) >= 0) this.#noted.add(graph.profileOf.at(end));
      else if (judged.isolated.get(end) !== 'blocked' && !this.#placed.has(end)) {
        this.#placed.add(end);
        this.together(ends.map((other) => this.placeOf(other)));
      }
    }
  }

  regions(): RegionWork[] {
    const fragments = this.#fragmentsByPlace();
    const regions = new Map<number, number[]>();
    for (const place of this.#touched) {
      const root = this.#sets.find(place);
      const known = regions.get(root);
      if (known) known.push(...(fragments.get(place) ?? []));
      else regions.set(root, [...(fragments.get(place) ?? [])]);
    }
    const noted = [...this.#noted].filter((place) => !this.#touched.has(place));
    const sets = [...regions.values()];
    for (let from = 0; from < noted.length; from += NOTED_TOGETHER)
      sets.push(noted.slice(from, from + NOTED_TOGETHER).flatMap((place) => fragments.get(place) ?? []));
    const beside = this.#isolatedBeside(new Set(sets.flat()));
    return sets.map((set) => this.#work(set, beside));
  }

  #fragmentsByPlace(): Map<number, number[]> {
    const found = new Map<number, number[]>();
    for (let fragment = 0; fragment < this.#graph.fragments.all.length; fragment++) {
      const place = this.placeOf(fragment);
      if (!this.#touched.has(place) && !this.#noted.has(place)) continue;
      const known = found.get(place);
      if (known) known.push(fragment);
      else found.set(place, [fragment]);
    }
    return found;
  }

  /** By fragment, those that stand by themselves and were seen with it. */
  #isolatedBeside(wanted: ReadonlySet<number>): Map<number, number[]> {
    const found = new Map<number, number[]>();
    const { a, b } = this.#graph;
    for (let piece = 0; piece < this.#graph.pieces.length; piece++)
      for (const [end, other] of [
        [a.at(piece), b.at(piece)],
        [b.at(piece), a.at(piece)],
      ] as const) {
        if (!wanted.has(end) || !this.#judged.isolated.has(other)) continue;
        const known = found.get(end);
        if (known) known.push(other);
        else found.set(end, [other]);
      }
    return found;
  }

  #work(fragments: readonly number[], beside: ReadonlyMap<number, readonly number[]>): RegionWork {
    const isolated = new Map<string, string>();
    for (const fragment of fragments)
      for (const about of [fragment, ...(beside.get(fragment) ?? [])]) {
        const reason = this.#judged.isolated.get(about);
        if (reason !== undefined) isolated.set(this.#graph.fragments.at(about), reason);
      }
    const named = fragments.map((fragment) => this.#graph.fragments.at(fragment));
    return { fragments: named, isolated: [...isolated] };
  }
}

/** Whether a piece that stands so does for what one of its ends is, or for want of room: none of the order's doing. */
function isOfOneEnd(standing: string): boolean {
  return ['blocked', 'shared-device', 'junk', 'too-large'].includes(standing);
}

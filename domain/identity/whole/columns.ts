import type { Evidence, GraphNode, ProfileHead, Refusal, RefusedBy } from '../evidence.ts';
import type { FragmentId } from '../identifier.ts';
import type { Isolation } from '../isolation.ts';
import { pairKey } from '../order.ts';
import type { Ruling } from '../ruling.ts';

/** A column of numbers that grows. */
export class Column {
  #values = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  at(index: number): number {
    return this.#values[index] ?? 0;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** The values, sharing memory with the column. */
  view(): Int32Array {
    return this.#values.subarray(0, this.length);
  }
}

/** Names by number and numbers by name, in the order in which they came. */
export class Names<T extends string = string> {
  readonly #numbers = new Map<T, number>();
  readonly all: T[] = [];

  of(name: T): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.all.length);
    return this.all.push(name) - 1;
  }

  find(name: T): number | undefined {
    return this.#numbers.get(name);
  }

  at(number: number): T {
    const name = this.all[number];
    if (name === undefined) throw new RangeError(`nothing has the number ${number}`);
    return name;
  }
}

/** A ruling as its parts are found in the heads of those it names. */
interface GatheredRuling {
  readonly ruling: Omit<Ruling, 'a' | 'b'>;
  readonly a: Map<FragmentId, GraphNode>;
  readonly b: Map<FragmentId, GraphNode>;
}

/** What a piece of evidence is at present: in force, or refused by a rule. */
export type Standing = 'link' | RefusedBy;

/**
 * All profiles of a tenant and all evidence in their heads, numbered: what rules are tried on. A refusal that both ends
 * keep is in here twice.
 */
export class WholeGraph {
  readonly fragments = new Names();
  readonly types = new Names();
  readonly profiles = new Names();
  readonly sources = new Names();
  readonly #standings = new Names<Standing>();
  /** By fragment. */
  readonly typeOf = new Column();
  /** By fragment; -1 for one that no profile lists, such as a blocked value. */
  readonly profileOf = new Column();
  /** By piece. */
  readonly a = new Column();
  readonly b = new Column();
  readonly source = new Column();
  readonly #standing = new Column();
  readonly pieces: Evidence[] = [];
  readonly #apart = new Map<string, Refusal>();
  /** Whether some head says that more of its refused evidence is stored apart. */
  hasApart = false;
  /** Fragments that are stored as standing by themselves. */
  readonly isolated = new Map<number, Isolation>();
  readonly #rulings = new Map<string, GatheredRuling>();
  readonly #ruled = new Map<number, Set<string>>();

  /** Takes in a profile that is not merged away. */
  add(head: ProfileHead): void {
    const profile = this.profiles.of(head.profileId);
    if (head.apart === true) this.hasApart = true;
    for (const member of head.members) this.profileOf.set(this.#node(member), profile);
    for (const link of head.links) this.#piece(link, 'link');
    for (const refusal of head.refused) this.#piece(refusal.evidence, refusal.refusedBy);
    for (const [fragment, reason] of Object.entries(head.isolated ?? {}))
      this.isolated.set(this.fragments.of(fragment), reason);
    const nodes = new Map(head.members.map((member) => [member.fragment, member]));
    for (const { a, b, ...ruling } of head.rulings ?? []) {
      const known = this.#rulings.get(ruling.id) ?? { ruling, a: new Map(), b: new Map() };
      this.#rulings.set(ruling.id, known);
      for (const [side, fragments] of [
        [known.a, a],
        [known.b, b],
      ] as const)
        for (const fragment of fragments) this.#rule(ruling.id, side, nodes.get(fragment));
    }
  }

  /** Takes in refused evidence that a head had no room for. */
  addApart(refusal: Refusal): void {
    this.#apart.set(pairKey(refusal.evidence), refusal);
  }

  /** To be called once all is in: what was stored apart mostly stands at the other end as well, or joins by now. */
  settleApart(): void {
    if (this.#apart.size === 0) return;
    for (const piece of this.pieces) this.#apart.delete(pairKey(piece));
    for (const { evidence, refusedBy } of this.#apart.values()) this.#piece(evidence, refusedBy);
    this.#apart.clear();
  }

  /** Fragments that people ruled about. */
  ruled(): Iterable<number> {
    return this.#ruled.keys();
  }

  /** The rulings that name any of these fragments. */
  rulingsAbout(fragments: Iterable<number>): Ruling[] {
    const ids = new Set<string>();
    for (const fragment of fragments) for (const id of this.#ruled.get(fragment) ?? []) ids.add(id);
    return [...ids].flatMap((id) => {
      const known = this.#rulings.get(id);
      return known ? [{ ...known.ruling, a: [...known.a.values()], b: [...known.b.values()] }] : [];
    });
  }

  #rule(id: string, side: Map<FragmentId, GraphNode>, node: GraphNode | undefined): void {
    if (!node) return;
    side.set(node.fragment, node);
    const number = this.#node(node);
    const known = this.#ruled.get(number);
    if (known) known.add(id);
    else this.#ruled.set(number, new Set([id]));
  }

  standing(piece: number): Standing {
    return this.#standings.at(this.#standing.at(piece));
  }

  nodeAt(fragment: number): GraphNode {
    return { fragment: this.fragments.at(fragment), type: this.types.at(this.typeOf.at(fragment)) };
  }

  #node({ fragment, type }: GraphNode): number {
    const number = this.fragments.of(fragment);
    if (number === this.typeOf.length) {
      this.typeOf.push(this.types.of(type));
      this.profileOf.push(-1);
    }
    return number;
  }

  #piece(piece: Evidence, standing: Standing): void {
    this.a.push(this.#node(piece.a));
    this.b.push(this.#node(piece.b));
    this.source.push(this.sources.of(piece.source));
    this.#standing.push(this.#standings.of(standing));
    this.pieces.push(piece);
  }
}

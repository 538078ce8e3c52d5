import { blockMax } from './blocking/candidates.ts';
import { blockingRules, keyer, type BlockingRule } from './blocking/rules.ts';
import { clearJunk, junkOfModel, type Junk } from './junk.ts';
import { Preparer } from './prepare.ts';
import { usedRules } from './score.ts';
import type { LinkageModel, PersonRecord } from './types.ts';
import { Weigher, frequencyTables, probability, type FrequencyTables } from './weigh.ts';

/** A record that may be the same person. */
export interface Match {
  readonly id: string;
  readonly weight: number;
  readonly probability: number;
}

const MATCHES = 10;

/**
 * Records that new ones are matched against one at a time, by the same model, rules and caps as a batch. Kept in memory;
 * records are known by their slot, in order of arrival.
 */
export class Matcher {
  readonly model: LinkageModel;
  readonly #preparer: Preparer;
  readonly #rules: readonly BlockingRule[];
  readonly #junk: Junk;
  readonly #tables: FrequencyTables;
  /** For each rule, the slots of each key. */
  readonly #blocks: readonly Map<number, number[]>[];
  readonly #slots = new Map<string, number>();
  readonly #ids: string[] = [];
  #weigher: Weigher;
  #keys: readonly ((at: number) => number)[] = [];
  #capacity = 0;

  constructor(model: LinkageModel, records: Iterable<PersonRecord> = []) {
    this.model = model;
    this.#preparer = new Preparer({ other: model.other });
    const used = usedRules(model);
    this.#rules = blockingRules(model.other).filter(({ name }) => used.has(name));
    this.#junk = junkOfModel(model);
    this.#tables = frequencyTables(model);
    this.#blocks = this.#rules.map(() => new Map<number, number[]>());
    this.#weigher = this.#refresh();
    for (const record of records) this.add(record);
  }

  /** The most likely matches of a record among those added, likeliest first, at `least` weight (bits) or more. */
  match(record: PersonRecord, limit = MATCHES, least = 0): Match[] {
    if (!this.model.converged) return [];
    const slot = this.#place(record);
    const found: Match[] = [];
    for (const other of this.candidates(slot)) {
      const id = this.#ids[other] as string;
      const weight = this.weight(slot, other);
      if (id !== record.id && weight >= least) found.push({ id, weight, probability: probability(weight) });
    }
    this.#preparer.drop();
    return found.sort((x, y) => y.weight - x.weight || (x.id < y.id ? -1 : 1)).slice(0, limit);
  }

  /** Adds a record, in place of the one that has its id; answers its slot. */
  add(record: PersonRecord): number {
    this.remove(record.id);
    const slot = this.#place(record);
    this.#ids[slot] = record.id;
    this.#slots.set(record.id, slot);
    this.#eachKey(slot, (block, key) => {
      const members = block.get(key);
      if (members) members.push(slot);
      else block.set(key, [slot]);
    });
    return slot;
  }

  /** Takes a record out. Its slot stays empty. */
  remove(id: string): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#slots.delete(id);
    this.#eachKey(slot, (block, key) => {
      const members = block.get(key) ?? [];
      members.splice(members.indexOf(slot), 1);
      if (members.length === 0) block.delete(key);
    });
  }

  slotOf(id: string): number | undefined {
    return this.#slots.get(id);
  }

  idOf(slot: number): string {
    return this.#ids[slot] as string;
  }

  /** The slots that some rule compares with this one. */
  candidates(slot: number): ReadonlySet<number> {
    const found = new Set<number>();
    this.#eachKey(slot, (block, key, most) => {
      const members = block.get(key) ?? [];
      if (members.length <= most) for (const member of members) found.add(member);
    });
    found.delete(slot);
    return found;
  }

  /** The members of the slot's blocks that are too large by one: their pairs have just gone, or are about to come back. */
  atTheCap(slot: number): ReadonlySet<number> {
    const found = new Set<number>();
    this.#eachKey(slot, (block, key, most) => {
      const members = block.get(key) ?? [];
      if (members.length === most + 1) for (const member of members) found.add(member);
    });
    return found;
  }

  weight(one: number, two: number): number {
    return this.#weigher.weight(one, two);
  }

  #place(record: PersonRecord): number {
    this.#preparer.add(record);
    if (this.#preparer.capacity !== this.#capacity) this.#weigher = this.#refresh();
    const slot = this.#preparer.view().size - 1;
    clearJunk(this.#weigher.prepared, this.#junk, slot);
    return slot;
  }

  /** The columns have moved: whatever reads them is made again. */
  #refresh(): Weigher {
    this.#capacity = this.#preparer.capacity;
    const view = this.#preparer.view();
    this.#keys = this.#rules.map((rule) => keyer(view, rule));
    return new Weigher(view, this.model, this.#tables);
  }

  #eachKey(slot: number, visit: (block: Map<number, number[]>, key: number, most: number) => void): void {
    for (const [at, block] of this.#blocks.entries()) {
      const key = (this.#keys[at] as (slot: number) => number)(slot);
      if (key !== 0) visit(block, key, blockMax(this.#rules[at] as BlockingRule));
    }
  }
}

import { comparisonsOf, type Comparison } from './compare/comparisons.ts';
import { Patterns } from './patterns.ts';
import { columnOf, valueHasher, type Prepared } from './prepare.ts';
import type { LinkageModel } from './types.ts';

const LEAST = 1e-12;

/** Logarithms of how much rarer or more frequent values are than their field's average, by hash; from a model, once. */
export type FrequencyTables = ReadonlyMap<
  string,
  { readonly logs: ReadonlyMap<number, number>; readonly usual: number }
>;

export function frequencyTables(model: LinkageModel): FrequencyTables {
  return new Map(
    Object.entries(model.frequencies).map(([field, { hashes, shares, rest, agreement }]) => {
      const log = (share: number): number => Math.log(Math.max(LEAST, share) / Math.max(LEAST, agreement));
      return [
        field,
        { logs: new Map(hashes.map((hash, at) => [hash, log(shares[at] ?? rest)])), usual: log(rest) },
      ];
    }),
  );
}

/** A comparison whose exact level is adjusted by the value's frequency. */
interface Adjusted {
  readonly column: Int32Array;
  readonly adjustment: (value: number) => number;
  readonly shared: boolean;
}

/** Natural logarithms of prior and levels for each class. */
export interface ClassLogs {
  same: number;
  household: number;
  unrelated: number;
}

/** Weighs pairs of one prepared set, which must be without the model's junk, by one model. */
export class Weigher {
  readonly prepared: Prepared;
  readonly comparisons: readonly Comparison[];
  readonly model: LinkageModel;
  readonly #patterns: Patterns;
  readonly #adjusted: readonly (Adjusted | undefined)[];
  #logs = new Float64Array(0);
  /** Bit k is set where comparison k is at its exact level. */
  #exact = new Int32Array(0);
  #known = 0;

  constructor(prepared: Prepared, model: LinkageModel, tables = frequencyTables(model)) {
    this.prepared = prepared;
    this.model = model;
    this.comparisons = comparisonsOf(prepared, model.other);
    this.#patterns = new Patterns(this.comparisons);
    this.#adjusted = this.comparisons.map(({ frequency, shared }) => {
      const table = frequency && tables.get(frequency.field);
      if (!table) return undefined;
      const column = columnOf(prepared, frequency.field);
      const hash = valueHasher(prepared, frequency.field);
      return {
        ...{ column, shared: shared === 1 },
        adjustment: (value) => table.logs.get(hash(value)) ?? table.usual,
      };
    });
  }

  /** Logarithm to base 2 of the odds that two records, by index, are the same person. */
  weight(a: number, b: number): number {
    const pattern = this.#patterns.take(a, b);
    if (pattern >= this.#known) this.#learn(pattern);
    const same = this.#logs[pattern * 3] as number;
    let household = this.#logs[pattern * 3 + 1] as number;
    let unrelated = this.#logs[pattern * 3 + 2] as number;
    for (let bits = this.#exact[pattern] as number; bits !== 0; bits &= bits - 1) {
      const { column, adjustment, shared } = this.#adjusted[31 - Math.clz32(bits & -bits)] as Adjusted;
      const by = adjustment(column[a] as number);
      unrelated += by;
      if (!shared) household += by;
    }
    return logOdds(same, household, unrelated);
  }

  /** The levels of two records, and what each class makes of them, comparison by comparison. */
  explain(a: number, b: number): { readonly level: string; readonly logs: ClassLogs }[] {
    return this.comparisons.map((comparison, k) => {
      const level = comparison.compare(a, b);
      const logs = this.#levelLogs(k, level);
      const adjusted = this.#adjusted[k];
      if (adjusted && level === comparison.frequency?.level) {
        const by = adjusted.adjustment(adjusted.column[a] as number);
        logs.unrelated += by;
        if (!adjusted.shared) logs.household += by;
      }
      return { level: comparison.levels[level] ?? '', logs };
    });
  }

  /** The classes before any comparison. */
  prior(): ClassLogs {
    const { same, household } = this.model.prior;
    return {
      same: Math.log(same),
      household: Math.log(household),
      unrelated: Math.log(1 - same - household),
    };
  }

  #levelLogs(k: number, level: number): ClassLogs {
    if (level === 0) return { same: 0, household: 0, unrelated: 0 };
    const p = this.model.comparisons[k]?.levels[level - 1];
    return {
      same: Math.log(Math.max(LEAST, p?.same ?? LEAST)),
      household: Math.log(Math.max(LEAST, p?.household ?? LEAST)),
      unrelated: Math.log(Math.max(LEAST, p?.unrelated ?? LEAST)),
    };
  }

  #learn(pattern: number): void {
    if (pattern * 3 + 3 > this.#logs.length) {
      const [logs, exact] = [new Float64Array((pattern + 64) * 6), new Int32Array((pattern + 64) * 2)];
      logs.set(this.#logs);
      exact.set(this.#exact);
      [this.#logs, this.#exact] = [logs, exact];
    }
    const sum = this.prior();
    let bits = 0;
    this.#patterns.levels(pattern).forEach((level, k) => {
      const logs = this.#levelLogs(k, level);
      sum.same += logs.same;
      sum.household += logs.household;
      sum.unrelated += logs.unrelated;
      if (this.#adjusted[k] && this.comparisons[k]?.frequency?.level === level) bits |= 1 << k;
    });
    this.#logs.set([sum.same, sum.household, sum.unrelated], pattern * 3);
    this.#exact[pattern] = bits;
    this.#known = Math.max(this.#known, pattern + 1);
  }
}

/** Base 2 odds of "same person" against the two other classes, from natural logarithms. */
export function logOdds(same: number, household: number, unrelated: number): number {
  const [most, least] = household > unrelated ? [household, unrelated] : [unrelated, household];
  return (same - most - Math.log1p(Math.exp(least - most))) * Math.LOG2E;
}

/** The probability that a weight stands for. */
export function probability(weight: number): number {
  return 1 / (1 + 2 ** -weight);
}

/** The weight that a probability stands for. */
export function weightOf(p: number): number {
  return Math.log2(p / (1 - p));
}

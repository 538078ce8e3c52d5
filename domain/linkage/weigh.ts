import { comparisonsOf, type Comparison } from './compare/comparisons.ts';
import { columnOf } from './frequencies.ts';
import { withoutJunk } from './junk.ts';
import { Patterns } from './patterns.ts';
import { valueHash, type Prepared } from './prepare.ts';
import type { FieldFrequencies, LinkageModel } from './types.ts';

const LEAST = 1e-12;

/** A comparison whose exact level is adjusted by the value's frequency. */
interface Adjusted {
  readonly column: Int32Array;
  /** Logarithm of the value's share over the average, by value: below 0 for rare values. */
  readonly adjustment: (value: number) => number;
  readonly shared: boolean;
}

/** Weighs pairs of one prepared set by one model. */
export class Weigher {
  readonly prepared: Prepared;
  readonly comparisons: readonly Comparison[];
  readonly model: LinkageModel;
  readonly #patterns: Patterns;
  readonly #adjusted: readonly (Adjusted | undefined)[];
  readonly #levels: readonly (number | undefined)[];
  #logs = new Float64Array(0);
  /** Bit k is set where comparison k is at its exact level. */
  #exact = new Int32Array(0);
  #known = 0;

  constructor(prepared: Prepared, model: LinkageModel) {
    this.prepared = withoutJunk(
      prepared,
      new Map(Object.entries(model.junk).map(([field, hashes]) => [field, new Set(hashes)])),
    );
    this.model = model;
    this.comparisons = comparisonsOf(this.prepared, model.other);
    this.#patterns = new Patterns(this.comparisons);
    this.#levels = this.comparisons.map(({ frequency }) => frequency?.level);
    this.#adjusted = this.comparisons.map(({ frequency, shared }) => {
      const known = frequency && model.frequencies[frequency.field];
      if (!known) return undefined;
      const column = columnOf(this.prepared, frequency.field);
      return { column, shared, adjustment: adjustments(this.prepared, frequency.field, known) };
    });
  }

  /** Logarithm to base 2 of the odds that two records, by index, are the same person. */
  weight(a: number, b: number): number {
    const pattern = this.#patterns.take(a, b);
    if (pattern >= this.#known) this.#learn(pattern);
    let household = this.#logs[pattern * 3 + 1] as number;
    let unrelated = this.#logs[pattern * 3 + 2] as number;
    for (let bits = this.#exact[pattern] as number; bits !== 0; bits &= bits - 1) {
      const { column, adjustment, shared } = this.#adjusted[31 - Math.clz32(bits & -bits)] as Adjusted;
      const by = adjustment(column[a] as number);
      unrelated += by;
      if (!shared) household += by;
    }
    const [most, least] = household > unrelated ? [household, unrelated] : [unrelated, household];
    const other = most + Math.log1p(Math.exp(least - most));
    return ((this.#logs[pattern * 3] as number) - other) * Math.LOG2E;
  }

  #learn(pattern: number): void {
    if (pattern * 3 + 3 > this.#logs.length) {
      const [logs, exact] = [new Float64Array((pattern + 64) * 6), new Int32Array((pattern + 64) * 2)];
      logs.set(this.#logs);
      exact.set(this.#exact);
      [this.#logs, this.#exact] = [logs, exact];
    }
    const { prior } = this.model;
    let [same, household, unrelated] = [
      Math.log(prior.same),
      Math.log(prior.household),
      Math.log(1 - prior.same - prior.household),
    ];
    let bits = 0;
    this.#patterns.levels(pattern).forEach((level, k) => {
      if (level === 0) return;
      const p = this.model.comparisons[k]?.levels[level - 1];
      same += Math.log(Math.max(LEAST, p?.same ?? LEAST));
      household += Math.log(Math.max(LEAST, p?.household ?? LEAST));
      unrelated += Math.log(Math.max(LEAST, p?.unrelated ?? LEAST));
      if (this.#levels[k] === level && this.#adjusted[k]) bits |= 1 << k;
    });
    this.#logs.set([same, household, unrelated], pattern * 3);
    this.#exact[pattern] = bits;
    this.#known = Math.max(this.#known, pattern + 1);
  }
}

function adjustments(
  prepared: Prepared,
  field: string,
  { hashes, shares, rest, agreement }: FieldFrequencies,
): (value: number) => number {
  const logs = new Map(
    hashes.map((hash, at) => [
      hash,
      Math.log(Math.max(LEAST, shares[at] ?? rest) / Math.max(LEAST, agreement)),
    ]),
  );
  const usual = Math.log(Math.max(LEAST, rest) / Math.max(LEAST, agreement));
  return (value) => logs.get(valueHash(prepared, field, value)) ?? usual;
}

/** The probability that a weight stands for. */
export function probability(weight: number): number {
  return 1 / (1 + 2 ** -weight);
}

/** The weight that a probability stands for. */
export function weightOf(p: number): number {
  return Math.log2(p / (1 - p));
}

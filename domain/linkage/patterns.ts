import type { Comparison } from './compare/comparisons.ts';

/**
 * Patterns of levels by number. A pair's pattern is its levels in a mixed radix; there are a few thousand that occur, so
 * that the parameters are estimated from counts of patterns and not from pairs.
 */
export class Patterns {
  readonly comparisons: readonly Comparison[];
  readonly radix: readonly number[];
  size = 0;
  keys: Float64Array = new Float64Array(1 << 10);
  counts: Float64Array = new Float64Array(1 << 10);
  #slots = new Int32Array(1 << 12).fill(-1);

  constructor(comparisons: readonly Comparison[]) {
    this.comparisons = comparisons;
    this.radix = comparisons.map((_, at) =>
      comparisons.slice(0, at).reduce((product, { levels }) => product * levels.length, 1),
    );
  }

  /** Compares two records and counts their pattern; answers its number. */
  take(a: number, b: number): number {
    let key = 0;
    for (let at = 0; at < this.comparisons.length; at += 1)
      key += (this.comparisons[at] as Comparison).compare(a, b) * (this.radix[at] as number);
    const pattern = this.#intern(key);
    this.counts[pattern] = (this.counts[pattern] as number) + 1;
    return pattern;
  }

  /** The levels of a pattern, one for each comparison. */
  levels(pattern: number): number[] {
    const key = this.keys[pattern] as number;
    return this.comparisons.map(
      ({ levels }, at) => Math.floor(key / (this.radix[at] as number)) % levels.length,
    );
  }

  #intern(key: number): number {
    const mask = this.#slots.length - 1;
    let slot = slotOf(key) & mask;
    for (let found = this.#slots[slot] as number; found !== -1; found = this.#slots[slot] as number) {
      if (this.keys[found] === key) return found;
      slot = (slot + 1) & mask;
    }
    const pattern = this.size;
    if (pattern === this.keys.length) {
      this.keys = doubled(this.keys);
      this.counts = doubled(this.counts);
    }
    this.keys[pattern] = key;
    this.#slots[slot] = pattern;
    this.size += 1;
    if (this.size * 4 > this.#slots.length) this.#rehash();
    return pattern;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4).fill(-1);
    for (let pattern = 0; pattern < this.size; pattern += 1) {
      let slot = slotOf(this.keys[pattern] as number) & (slots.length - 1);
      while (slots[slot] !== -1) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = pattern;
    }
    this.#slots = slots;
  }
}

function slotOf(key: number): number {
  const high = Math.floor(key / 0x1_0000_0000);
  const mixed = Math.imul(key | 0, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

function doubled(values: Float64Array): Float64Array {
  const longer = new Float64Array(values.length * 2);
  longer.set(values);
  return longer;
}

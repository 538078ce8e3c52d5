import { sequence } from '../../domain/linkage/random.ts';

/** Draws that are the same for the same seed. */
export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = sequence(seed);
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.#next() < p;
  }

  /** A whole number from `from` up to and without `to`. */
  int(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.int(0, values.length)] as T;
  }

  /** An index below `length`, index i with a weight of 1 / (i + offset): names and towns are spread like this. */
  zipf(length: number, offset: number): number {
    const span = Math.log((length + offset) / offset);
    return Math.min(length - 1, Math.floor(offset * Math.exp(this.#next() * span) - offset));
  }

  /** The index of a share that is drawn with its share; the rest goes to the last. */
  among(shares: readonly number[]): number {
    let left = this.#next();
    for (const [at, share] of shares.entries()) {
      left -= share;
      if (left < 0) return at;
    }
    return shares.length - 1;
  }
}

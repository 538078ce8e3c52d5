import { hashText } from './hash.ts';

const INITIAL_VALUES = 1 << 10;

/**
 * Distinct strings by number, kept as UTF-16 units in one array: no string objects stay alive, and comparisons read
 * the units where they lie. Number 0 is the empty string, which stands for a missing value.
 */
export class Pool {
  units: Uint16Array = new Uint16Array(INITIAL_VALUES * 8);
  /** Where each value begins; one more entry than there are values. */
  starts: Int32Array = new Int32Array(INITIAL_VALUES + 1);
  hashes: Int32Array = new Int32Array(INITIAL_VALUES);
  size = 1;
  #slots = new Int32Array(INITIAL_VALUES * 4);

  /** The number of `text`, the same for the same text. */
  intern(text: string): number {
    if (text === '') return 0;
    const hash = hashText(text);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let value = this.#slots[slot] as number; value !== 0; value = this.#slots[slot] as number) {
      if (this.hashes[value] === hash && this.#holds(value, text)) return value;
      slot = (slot + 1) & mask;
    }
    return this.#add(text, hash, slot);
  }

  /** The string of a number. */
  text(value: number): string {
    return String.fromCharCode(...this.units.subarray(this.starts[value], this.starts[value + 1]));
  }

  length(value: number): number {
    return (this.starts[value + 1] as number) - (this.starts[value] as number);
  }

  #holds(value: number, text: string): boolean {
    const start = this.starts[value] as number;
    if ((this.starts[value + 1] as number) - start !== text.length) return false;
    for (let at = 0; at < text.length; at += 1)
      if (this.units[start + at] !== text.charCodeAt(at)) return false;
    return true;
  }

  #add(text: string, hash: number, slot: number): number {
    const value = this.size;
    const start = this.starts[value] as number;
    if (value + 2 > this.starts.length) {
      this.starts = grown(this.starts, value * 2 + 1);
      this.hashes = grown(this.hashes, value * 2);
    }
    if (start + text.length > this.units.length) {
      const units = new Uint16Array(Math.max(this.units.length * 2, start + text.length));
      units.set(this.units);
      this.units = units;
    }
    for (let at = 0; at < text.length; at += 1) this.units[start + at] = text.charCodeAt(at);
    this.starts[value + 1] = start + text.length;
    this.hashes[value] = hash;
    this.#slots[slot] = value;
    this.size = value + 1;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return value;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let value = 1; value < this.size; value += 1) {
      const hash = this.hashes[value] as number;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = value;
    }
    this.#slots = slots;
  }
}

/** A longer copy. */
export function grown(values: Int32Array, length: number): Int32Array {
  const longer = new Int32Array(length);
  longer.set(values);
  return longer;
}

/** A repeatable source of chance: the same seed gives the same sequence on every machine. */
export interface Random {
  /** From 0 inclusive to 1 exclusive. */
  next(): number;
  /** A whole number from `min` to `max`, both inclusive. */
  between(min: number, max: number): number;
  /** Whether it falls within the share of 1. */
  chance(share: number): boolean;
  pick<T extends readonly [unknown, ...unknown[]]>(list: T): T[number];
  /** A UUID of version 4's form. */
  uuid(): string;
}

const UINT32 = 2 ** 32;

/** Mulberry32: one word of state, good enough to look lifelike, and short enough to check by reading. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / UINT32;
  };
  const between = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  const hex = (digits: number) => Array.from({ length: digits }, () => between(0, 15).toString(16)).join('');
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'.charAt(between(0, 3))}${hex(3)}-${hex(12)}`;
  const chance = (share: number) => next() < share;
  const pick = <T extends readonly [unknown, ...unknown[]]>(list: T): T[number] =>
    list[between(0, list.length - 1)] ?? list[0];
  return { next, between, chance, pick, uuid };
}

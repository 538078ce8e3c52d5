import { steadyClock } from './steady-clock.ts';

/** What cached entries' ages are counted in, in milliseconds. */
const TICK_MS = 100;

/**
 * Time in whole ticks since it was made: small numbers, which V8 keeps in the object that has them. Milliseconds it boxes, and
 * with tens of thousands of entries that is as many objects more for each collection to look at.
 */
export interface Ticks {
  now(): number;
  /** The tick in which what is kept from now for `ms` milliseconds ends: at most a tick too soon, never late. */
  after(ms: number): number;
}

/** `now` is in milliseconds. */
export function createTicks(now: () => number): Ticks {
  const clock = steadyClock(now);
  const madeAt = clock();
  // Of 32 bits, by which V8 knows a small number; enough for six years of uptime.
  const current = (): number => ((clock() - madeAt) / TICK_MS) | 0;
  return {
    now: current,
    after: (ms) => (current() + Math.floor(ms / TICK_MS)) | 0,
  };
}

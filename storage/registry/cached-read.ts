import { steadyClock } from '../steady-clock.ts';

const CACHE_MS = 1_000;

/** Runs `read` at most once a second; a change by this process shows at once. */
export function cachedRead<T>(
  read: () => Promise<T>,
  now: () => number,
): { get(): Promise<T>; forget(): void } {
  const clock = steadyClock(now);
  let held: { readonly until: number; readonly value: Promise<T> } | undefined;
  return {
    get() {
      if (held !== undefined && held.until > clock()) return held.value;
      const value = read();
      const mine = { until: clock() + CACHE_MS, value };
      held = mine;
      value.catch(() => {
        if (held === mine) held = undefined;
      });
      return value;
    },
    forget() {
      held = undefined;
    },
  };
}

import type { Meter } from './ports.ts';

/** A meter that adds up in memory, from zero at the process's start. */
export function createMeter(): Meter {
  const totals = new Map<string, number>();
  return {
    add(counter, amount) {
      totals.set(counter, (totals.get(counter) ?? 0) + amount);
    },
    read() {
      return Object.fromEntries([...totals].sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}

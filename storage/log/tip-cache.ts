import type { FragmentId } from '../../domain/identity/identifier.ts';
import { createLru } from '../lru.ts';
import type { LruOptions } from '../lru.ts';
import { createTicks } from '../ticks.ts';
import type { FragmentTip } from './types.ts';

/** An end with what the cache knows of it, in one object: there are tens of thousands, through which each collection looks. */
interface Kept extends FragmentTip {
  /** The tick in which it is forgotten. */
  readonly until: number;
  /** How often all had been doubted when it was set. */
  readonly doubts: number;
}

/** Ends of fragments that were seen or made lately. Those that others may have moved on are in doubt: certain again once set. */
export interface TipCache {
  /** The end that was last set, for as long as it is kept, and whether it was doubted since. */
  get(fragment: FragmentId): { readonly tip: FragmentTip; readonly isDoubted: boolean } | undefined;
  set(tip: FragmentTip): void;
  delete(fragment: FragmentId): void;
  /** Doubts all there are. */
  doubtAll(): void;
}

/** Makes an empty cache, bounded as an `Lru` is. */
export function createTipCache({ max, ttlMs, now }: LruOptions): TipCache {
  const tips = createLru<Kept>({ max, ttlMs: Infinity, now });
  const ticks = createTicks(now);
  let doubts = 0;
  return {
    get(fragment) {
      const kept = tips.get(fragment);
      if (kept === undefined || kept.until <= ticks.now()) return undefined;
      const { version, recordedAt, tail } = kept;
      return { tip: { fragment, version, recordedAt, tail }, isDoubted: kept.doubts !== doubts };
    },
    set({ fragment, version, recordedAt, tail }) {
      tips.set(fragment, { fragment, version, recordedAt, tail, until: ticks.after(ttlMs), doubts });
    },
    delete(fragment) {
      tips.delete(fragment);
    },
    doubtAll() {
      doubts += 1;
    },
  };
}

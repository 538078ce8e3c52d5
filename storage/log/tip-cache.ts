import type { FragmentId } from '../../domain/identity/identifier.ts';
import { createLru } from '../lru.ts';
import type { LruOptions } from '../lru.ts';
import type { FragmentTip } from './types.ts';

interface Kept {
  readonly tip: FragmentTip;
  /** Milliseconds after the cache was made. */
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
  const madeAt = now();
  let doubts = 0;
  return {
    get(fragment) {
      const kept = tips.get(fragment);
      if (kept === undefined || kept.until <= now() - madeAt) return undefined;
      return { tip: kept.tip, isDoubted: kept.doubts !== doubts };
    },
    set(tip) {
      tips.set(tip.fragment, { tip, until: now() - madeAt + ttlMs, doubts });
    },
    delete(fragment) {
      tips.delete(fragment);
    },
    doubtAll() {
      doubts += 1;
    },
  };
}

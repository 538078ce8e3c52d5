import type { Spread } from '../../../domain/ingestion/raw.ts';
import type { SourceConfig } from '../../../storage/registry/types.ts';

/**
 * A source that has fewer items a second than this, which one pump takes with ease, is not spread over its lanes: what comes
 * would be parts of several small batches, each of which costs the disk and the pump as much as a large one.
 */
const FROM_PER_SECOND = 4_000;
/**
 * What is spread stays so until the mean of the last seconds is under this: each change of lane lets two pumps meet at the
 * same people, where one of them has to write again what the other was ahead with.
 */
const UNTIL_PER_SECOND = 3_000;
/**
 * ... or until a second has fewer than this: a quarter of what one pump takes with ease leaves the pumps nothing to catch up
 * with, so that they hardly meet, and comes in batches so small that each lane more costs as much again.
 */
const ENDS_UNDER_PER_SECOND = FROM_PER_SECOND / 4;
/** Seconds that the mean goes over, the older ones counting less. */
const MEAN_SECONDS = 4;
const SECOND_MS = 1_000;

/** Items of a source, second by second. */
interface Rate {
  sinceMs: number;
  /** When the last of them came. */
  lastMs: number;
  /** Of the seconds before; no less than what began the spreading when that began. */
  mean: number;
  /** In this second. */
  now: number;
  isSpread: boolean;
  /** The present spreading, or the last. */
  spread: Spread | undefined;
}

/** Counts the items of sources, and says by their rate which are spread over their lanes, and since when. */
export class Spreading {
  readonly #now: () => number;
  readonly #rates = new Map<string, Rate>();

  /** `now` in milliseconds of any clock that does not step back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether a source has so many that it is worth spreading what comes next. */
  isSpread(source: string): boolean {
    return this.#rateOf(source)?.isSpread === true;
  }

  /**
   * Counts items of a request, which may begin a spreading or end one; answers the one that they are of, each time the same
   * object. `areInSeveral` lanes: they were spread already, as the last of a spreading are.
   */
  count(
    { name, lanes }: Pick<SourceConfig, 'name' | 'lanes'>,
    items: number,
    areInSeveral: boolean,
    receivedAt: string,
  ): Spread | undefined {
    const rate = this.#rateOf(name) ?? this.#begin(name);
    rate.lastMs = this.#now();
    rate.now += items;
    const isMuch = rate.now >= FROM_PER_SECOND;
    if (isMuch) rate.mean = Math.max(rate.mean, FROM_PER_SECOND);
    const isSpread = isMuch || (rate.isSpread && rate.mean >= UNTIL_PER_SECOND);
    if (isSpread && !(rate.isSpread && rate.spread?.lanes === lanes))
      rate.spread = { lanes, since: receivedAt };
    rate.isSpread = isSpread;
    if (lanes === 1) return undefined;
    return isSpread || areInSeveral ? rate.spread : undefined;
  }

  /** A source's items up to now; undefined where it had none yet. */
  #rateOf(source: string): Rate | undefined {
    const rate = this.#rates.get(source);
    if (rate === undefined) return undefined;
    const now = this.#now();
    if (now - rate.lastMs >= SECOND_MS) rate.isSpread = false;
    const seconds = Math.floor((now - rate.sinceMs) / SECOND_MS);
    if (seconds > 0) {
      if (rate.now < ENDS_UNDER_PER_SECOND) rate.isSpread = false;
      rate.mean += (rate.now - rate.mean) / MEAN_SECONDS;
      rate.mean *= (1 - 1 / MEAN_SECONDS) ** (seconds - 1);
      rate.sinceMs += seconds * SECOND_MS;
      rate.now = 0;
    }
    return rate;
  }

  #begin(source: string): Rate {
    const now = this.#now();
    const rate: Rate = { sinceMs: now, lastMs: now, mean: 0, now: 0, isSpread: false, spread: undefined };
    this.#rates.set(source, rate);
    return rate;
  }
}

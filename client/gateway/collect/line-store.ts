import type { Spread } from '../../../domain/ingestion/raw.ts';
import type { SourceConfig } from '../../../storage/registry/types.ts';
import type { Batcher, BatchTarget } from '../batcher.ts';

/**
 * Requests of fewer items than this are not spread over lanes, nor are those of a source that has fewer a second than one pump
 * takes with ease: they would be parts of several small batches, each of which costs the disk and the pump as much as a large
 * one.
 */
const SPREAD_FROM_ITEMS = 10;
const SPREAD_FROM_PER_SECOND = 4_000;
/**
 * What is spread stays so until the mean of the last seconds is under this: each change of lane lets two pumps meet at the
 * same people, where one of them has to write again what the other was ahead with.
 */
const SPREAD_UNTIL_PER_SECOND = 3_000;
/**
 * ... or until a second has fewer than this: a quarter of what one pump takes with ease leaves the pumps nothing to catch up
 * with, so that they hardly meet, and comes in batches so small that each lane more costs as much again.
 */
const SPREAD_ENDS_UNDER_PER_SECOND = SPREAD_FROM_PER_SECOND / 4;
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

/** Puts lines into the batches of a source's lanes. What is not worth spreading goes to one lane, which differs from gateway to gateway. */
export class LineStore {
  readonly #batcher: Pick<Batcher, 'add'>;
  readonly #home: number;
  readonly #now: () => number;
  readonly #rates = new Map<string, Rate>();
  /** By mapping and by what was checked. */
  readonly #targets = new WeakMap<SourceConfig, Map<string, BatchTarget[]>>();

  /** `now` in milliseconds of any clock that does not step back. */
  constructor(batcher: Pick<Batcher, 'add'>, home: number, now = (): number => performance.now()) {
    this.#batcher = batcher;
    this.#home = home;
    this.#now = now;
  }

  /** Over how many lanes of its source a request's items are spread. */
  lanesFor({ name, lanes }: Pick<SourceConfig, 'name' | 'lanes'>, items: number): number {
    if (lanes === 1 || items < SPREAD_FROM_ITEMS) return 1;
    return this.#rateOf(name)?.isSpread === true ? lanes : 1;
  }

  /**
   * `lines` by lane, as many as `lanesFor` says; resolves once all are durable. `mapping` is the source's own where silent,
   * `checked` what was checked of the lines, as `BatchHeader` has it.
   */
  add(
    source: SourceConfig,
    lines: readonly (string[] | undefined)[],
    receivedAt: string,
    mapping = source.mapping,
    checked?: number,
  ): Promise<unknown> {
    const targets = this.#targetsOf(source, mapping, this.#count(source, lines, receivedAt), checked);
    const [all] = lines;
    const home = targets[this.#home % targets.length];
    if (lines.length === 1 && all !== undefined && home !== undefined)
      return this.#batcher.add(home, all, receivedAt);
    const waits: Promise<void>[] = [];
    for (const [lane, target] of targets.entries()) {
      const own = lines[lane];
      if (own !== undefined) waits.push(this.#batcher.add(target, own, receivedAt));
    }
    return Promise.all(waits);
  }

  /** A source's items up to now; undefined where it had none yet. */
  #rateOf(source: string): Rate | undefined {
    const rate = this.#rates.get(source);
    if (rate === undefined) return undefined;
    const now = this.#now();
    if (now - rate.lastMs >= SECOND_MS) rate.isSpread = false;
    const seconds = Math.floor((now - rate.sinceMs) / SECOND_MS);
    if (seconds > 0) {
      if (rate.now < SPREAD_ENDS_UNDER_PER_SECOND) rate.isSpread = false;
      rate.mean += (rate.now - rate.mean) / MEAN_SECONDS;
      rate.mean *= (1 - 1 / MEAN_SECONDS) ** (seconds - 1);
      rate.sinceMs += seconds * SECOND_MS;
      rate.now = 0;
    }
    return rate;
  }

  /** Counts lines, which may begin a spreading or end one; answers the one that they are of. */
  #count(
    { name, lanes }: SourceConfig,
    lines: readonly (string[] | undefined)[],
    receivedAt: string,
  ): Spread | undefined {
    const rate = this.#rateOf(name) ?? this.#begin(name);
    rate.lastMs = this.#now();
    for (const own of lines) rate.now += own?.length ?? 0;
    const isMuch = rate.now >= SPREAD_FROM_PER_SECOND;
    if (isMuch) rate.mean = Math.max(rate.mean, SPREAD_FROM_PER_SECOND);
    const isSpread = isMuch || (rate.isSpread && rate.mean >= SPREAD_UNTIL_PER_SECOND);
    if (isSpread && !(rate.isSpread && rate.spread?.lanes === lanes))
      rate.spread = { lanes, since: receivedAt };
    rate.isSpread = isSpread;
    if (lanes === 1) return undefined;
    // The last of a spreading are in several lanes already.
    return isSpread || lines.length > 1 ? rate.spread : undefined;
  }

  #begin(source: string): Rate {
    const now = this.#now();
    const rate: Rate = { sinceMs: now, lastMs: now, mean: 0, now: 0, isSpread: false, spread: undefined };
    this.#rates.set(source, rate);
    return rate;
  }

  #targetsOf(
    source: SourceConfig,
    mapping: string,
    spread: Spread | undefined,
    checked: number | undefined,
  ): readonly BatchTarget[] {
    let known = this.#targets.get(source);
    if (known === undefined) {
      known = new Map();
      this.#targets.set(source, known);
    }
    const name = checked === undefined ? mapping : `${mapping} ${String(checked)}`;
    let targets = known.get(name);
    if (targets === undefined || targets[0]?.spread !== spread) {
      targets = Array.from({ length: Math.max(1, source.lanes) }, (_, lane) => ({
        source: source.name,
        lane,
        mapping,
        spread,
        checked,
      }));
      known.set(name, targets);
    }
    return targets;
  }
}

import type { SourceConfig } from '../../../storage/registry/types.ts';
import type { Batcher, BatchTarget } from '../batcher.ts';

/**
 * Requests of fewer items than this are not spread over lanes, nor are those of a source that has fewer a second than one pump
 * takes with ease: they would be parts of several small batches, each of which costs the disk and the pump as much as a large
 * one.
 */
const SPREAD_FROM_ITEMS = 10;
const SPREAD_FROM_PER_SECOND = 4_000;
const SECOND_MS = 1_000;

/** Items of a source, second by second. */
interface Rate {
  sinceMs: number;
  /** In the second before, and in this one. */
  before: number;
  now: number;
}

/** Puts lines into the batches of a source's lanes. What is not worth spreading goes to one lane, which differs from gateway to gateway. */
export class LineStore {
  readonly #batcher: Pick<Batcher, 'add'>;
  readonly #home: number;
  readonly #now: () => number;
  readonly #rates = new Map<string, Rate>();
  readonly #targets = new WeakMap<SourceConfig, Map<string, BatchTarget[]>>();

  /** `now` in milliseconds of any clock that does not step back. */
  constructor(batcher: Pick<Batcher, 'add'>, home: number, now = (): number => performance.now()) {
    this.#batcher = batcher;
    this.#home = home;
    this.#now = now;
  }

  /** Over how many lanes of its source a request's items are spread. */
  lanesFor({ name, lanes }: Pick<SourceConfig, 'name' | 'lanes'>, items: number): number {
    const rate = this.#rates.get(name);
    if (lanes === 1 || items < SPREAD_FROM_ITEMS || rate === undefined) return 1;
    return Math.max(rate.before, rate.now) < SPREAD_FROM_PER_SECOND ? 1 : lanes;
  }

  /**
   * `lines` by lane, as many as `lanesFor` says; resolves once all are durable. `mapping` is the source's own where silent.
   */
  add(
    source: SourceConfig,
    lines: readonly (string[] | undefined)[],
    receivedAt: string,
    mapping = source.mapping,
  ): Promise<unknown> {
    this.#count(source.name, lines);
    const targets = this.#targetsOf(source, mapping);
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

  #count(source: string, lines: readonly (string[] | undefined)[]): void {
    const now = this.#now();
    let rate = this.#rates.get(source);
    if (rate === undefined) this.#rates.set(source, (rate = { sinceMs: now, before: 0, now: 0 }));
    const seconds = Math.floor((now - rate.sinceMs) / SECOND_MS);
    if (seconds > 0) {
      rate.sinceMs += seconds * SECOND_MS;
      rate.before = seconds === 1 ? rate.now : 0;
      rate.now = 0;
    }
    for (const own of lines) rate.now += own?.length ?? 0;
  }

  #targetsOf(source: SourceConfig, mapping: string): readonly BatchTarget[] {
    let byMapping = this.#targets.get(source);
    if (byMapping === undefined) {
      byMapping = new Map();
      this.#targets.set(source, byMapping);
    }
    let targets = byMapping.get(mapping);
    if (targets === undefined) {
      targets = Array.from({ length: Math.max(1, source.lanes) }, (_, lane) => ({
        source: source.name,
        lane,
        mapping,
      }));
      byMapping.set(mapping, targets);
    }
    return targets;
  }
}

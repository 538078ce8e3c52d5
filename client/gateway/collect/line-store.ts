import type { SourceConfig } from '../../../storage/registry/types.ts';
import type { Batcher, BatchTarget } from '../batcher.ts';

/**
 * A request of fewer lines than this is not spread over lanes: it would be parts of several small batches, each of which costs
 * the disk and the pump as much as a large one.
 */
const SPREAD_FROM = 10;

/** Over how many lanes of a source a request's items are spread. */
export function lanesFor({ lanes }: Pick<SourceConfig, 'lanes'>, items: number): number {
  return items < SPREAD_FROM ? 1 : lanes;
}

/** Puts lines into the batches of a source's lanes. Small requests go to one lane, which differs from gateway to gateway. */
export class LineStore {
  readonly #batcher: Pick<Batcher, 'add'>;
  readonly #home: number;
  readonly #targets = new WeakMap<SourceConfig, Map<string, BatchTarget[]>>();

  constructor(batcher: Pick<Batcher, 'add'>, home: number) {
    this.#batcher = batcher;
    this.#home = home;
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

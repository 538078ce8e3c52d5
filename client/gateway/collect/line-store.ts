import type { SourceConfig } from '../../../storage/registry/types.ts';
import type { Batcher, BatchTarget } from '../batcher.ts';

/** Puts lines into the batches of a source's lanes. */
export class LineStore {
  readonly #batcher: Pick<Batcher, 'add'>;
  readonly #targets = new WeakMap<SourceConfig, Map<string, BatchTarget[]>>();

  constructor(batcher: Pick<Batcher, 'add'>) {
    this.#batcher = batcher;
  }

  /** `lines` by lane; resolves once all are durable. `mapping` is the source's own where silent. */
  add(
    source: SourceConfig,
    lines: readonly (string[] | undefined)[],
    receivedAt: string,
    mapping = source.mapping,
  ): Promise<unknown> {
    const targets = this.#targetsOf(source, mapping);
    const only = lines[0];
    if (lines.length === 1 && only !== undefined && targets[0] !== undefined) {
      return this.#batcher.add(targets[0], only, receivedAt);
    }
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

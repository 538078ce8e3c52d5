import type { Spread } from '../../../domain/ingestion/raw.ts';
import type { SourceConfig } from '../../../storage/registry/types.ts';
import type { Batcher, BatchTarget } from '../batcher.ts';
import { Spreading } from './spreading.ts';

/** Requests of fewer items than this are not spread: their parts would be small batches, each of which costs as much as a large one. */
const SPREAD_FROM_ITEMS = 10;

/** What holds for all lines of a request. */
export interface LinesFacts {
  readonly receivedAt: string;
  /** The source's own where silent. */
  readonly mapping?: string;
  /** What was checked of the lines, as `BatchHeader` has it. */
  readonly checked?: number | undefined;
}

/** Puts lines into the batches of a source's lanes. What is not worth spreading goes to one lane, which differs from gateway to gateway. */
export class LineStore {
  readonly #batcher: Pick<Batcher, 'add'>;
  readonly #home: number;
  readonly #spreading: Spreading;
  /** By mapping and by what was checked. */
  readonly #targets = new WeakMap<SourceConfig, Map<string, BatchTarget[]>>();

  /** `now` in milliseconds of any clock that does not step back. */
  constructor(batcher: Pick<Batcher, 'add'>, home: number, now = (): number => performance.now()) {
    this.#batcher = batcher;
    this.#home = home;
    this.#spreading = new Spreading(now);
  }

  /** Over how many lanes of its source a request's items are spread. */
  lanesFor({ name, lanes }: Pick<SourceConfig, 'name' | 'lanes'>, items: number): number {
    if (lanes === 1 || items < SPREAD_FROM_ITEMS) return 1;
    return this.#spreading.isSpread(name) ? lanes : 1;
  }

  /** `lines` by lane, as many as `lanesFor` says; resolves once all are durable. */
  add(source: SourceConfig, lines: readonly (string[] | undefined)[], facts: LinesFacts): Promise<unknown> {
    const { receivedAt, mapping = source.mapping, checked } = facts;
    let items = 0;
    for (const own of lines) items += own?.length ?? 0;
    const spread = this.#spreading.count(source, items, lines.length > 1, receivedAt);
    const targets = this.#targetsOf(source, mapping, spread, checked);
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

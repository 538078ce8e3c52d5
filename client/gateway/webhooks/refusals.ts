import type { RefusedCounts, WebhookStore } from '../../../storage/webhooks/types.ts';
import type { Logger } from '../log.ts';
import type { Refusal } from './types.ts';

/** Between writes of the counts: whoever floods us with bad signatures costs one write in this time. */
const FLUSH_MS = 1_000;

/** Counts refused requests by source: in memory at once, in the store a second later. */
export class Refusals {
  readonly #store: Pick<WebhookStore, 'addRefused' | 'refused'>;
  readonly #log: Logger;
  /** Counted and not known to be written, the parts that are being written among them. */
  readonly #unwritten = new Map<string, Record<string, number>>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(store: Pick<WebhookStore, 'addRefused' | 'refused'>, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  add(source: string, reason: Refusal): void {
    const counts = this.#unwritten.get(source) ?? {};
    counts[reason] = (counts[reason] ?? 0) + 1;
    this.#unwritten.set(source, counts);
    this.#timer ??= setTimeout(() => {
      this.#flush();
    }, FLUSH_MS).unref();
  }

  /** All counts by source and reason, those of this process that are still to be written included. */
  async counts(): Promise<Map<string, RefusedCounts>> {
    // After what is being written: it is counted either here or there.
    await this.#writing;
    const open = structuredClone(this.#unwritten);
    const total = new Map(await this.#store.refused());
    for (const [source, counts] of open) {
      const sum: Record<string, number> = { ...total.get(source) };
      for (const [reason, count] of Object.entries(counts)) sum[reason] = (sum[reason] ?? 0) + count;
      total.set(source, sum);
    }
    return total;
  }

  /** Resolves once what was counted so far is written, or could not be. */
  async drain(): Promise<void> {
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
  }

  async #write(): Promise<void> {
    if (this.#unwritten.size === 0) return;
    const counts = new Map(this.#unwritten);
    this.#unwritten.clear();
    try {
      await this.#store.addRefused(counts);
    } catch (error) {
      this.#log.warn({ err: error }, 'refused requests could not be counted in the store');
    }
  }
}

import type { BatchStore } from '../storage/intake/types.ts';
import type { Logger } from './log.ts';

/** Between looks at all lanes, in milliseconds. */
const SWEEP_MS = 5_000;
/** A lane that does not move is woken ever less often, up to so many looks apart: its source may be paused. */
const LOOKS_APART_MAX = 12;

interface Stuck {
  readonly oldest: string;
  readonly looks: number;
  readonly apart: number;
}

/**
 * Finds lanes that have batches and no pump, whatever lost the wake: a process, or Temporal's database. The pending
 * entries are the truth; a lane whose oldest batch stays the same between two looks is woken.
 */
export class Sweep {
  readonly #batches: Pick<BatchStore, 'pendingLanes'>;
  readonly #wake: (source: string, lane: number) => Promise<void>;
  readonly #log: Logger;
  #stuck = new Map<string, Stuck>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    batches: Pick<BatchStore, 'pendingLanes'>,
    wake: (source: string, lane: number) => Promise<void>,
    log: Logger,
  ) {
    this.#batches = batches;
    this.#wake = wake;
    this.#log = log;
  }

  /** Wakes every lane that has batches, and from now on those that stay as they are. */
  start(): void {
    const look = (all: boolean): void => {
      this.look(all)
        .catch((error: unknown) => {
          this.#log.warn({ err: error }, 'looking for pending batches failed; it is tried again');
        })
        .finally(() => {
          if (this.#timer !== undefined) this.#timer = setTimeout(look, SWEEP_MS, false);
        })
        .catch(() => undefined);
    };
    this.#timer = setTimeout(look, 0, true);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One look at all lanes; with `all`, every lane that has batches is woken. */
  async look(all: boolean): Promise<void> {
    const stuck = new Map<string, Stuck>();
    for (const { source, lane, oldest } of await this.#batches.pendingLanes()) {
      const key = `${source} ${lane}`;
      const before = this.#stuck.get(key);
      if (before?.oldest !== oldest.batchId) {
        stuck.set(key, { oldest: oldest.batchId, looks: 0, apart: 1 });
        if (all) await this.#wake(source, lane);
        continue;
      }
      const looks = before.looks + 1;
      const due = looks >= before.apart;
      const apart = due ? Math.min(before.apart * 2, LOOKS_APART_MAX) : before.apart;
      stuck.set(key, { oldest: oldest.batchId, looks: due ? 0 : looks, apart });
      if (due) await this.#wake(source, lane);
    }
    this.#stuck = stuck;
  }
}

import type { BatchStore } from '../../storage/intake/types.ts';
import type { Logger } from './log.ts';

/** First pause after a failed wake; doubles up to the longest. */
const RETRY_FIRST_MS = 200;
const RETRY_LONGEST_MS = 10_000;
/** How often lanes are looked at for batches that nobody drains. */
const SWEEP_MS = 15_000;

/** What the waker is made of. */
export interface WakerDeps {
  /** Signals the lane's workflow, starting it where it does not run. */
  readonly signal: (source: string, lane: number) => Promise<void>;
  readonly batches: Pick<BatchStore, 'pendingLanes'>;
  readonly log: Logger;
  readonly onOutcome?: (outcome: 'sent' | 'failed') => void;
}

/**
 * Tells ingestion workflows that a lane has work: in the background, one call a lane at a time, again until it
 * succeeds. A wake that was lost with a process or with Temporal's database is found by the sweep, since the pending
 * entries are the truth.
 */
export class Waker {
  readonly #deps: WakerDeps;
  /** By lane: true where another wake was asked for while one was under way. */
  readonly #running = new Map<string, boolean>();
  /** By lane: the oldest pending batch at the last sweep. */
  #oldest = new Map<string, string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #sweep: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(deps: WakerDeps) {
    this.#deps = deps;
  }

  /** Wakes a lane; never throws, never blocks. */
  wake(source: string, lane: number): void {
    const key = `${source}\n${lane}`;
    if (this.#running.has(key)) {
      this.#running.set(key, true);
      return;
    }
    this.#running.set(key, false);
    this.#attempt(key, source, lane, RETRY_FIRST_MS);
  }

  /** Wakes every lane that has batches now, and from then on those whose oldest batch stays. */
  start(): void {
    this.#look(true);
    this.#sweep = setInterval(() => {
      this.#look(false);
    }, SWEEP_MS);
    this.#sweep.unref();
  }

  /** Stops trying; what is pending is found again at the next start. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#sweep);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #attempt(key: string, source: string, lane: number, pauseMs: number): void {
    this.#deps.signal(source, lane).then(
      () => {
        this.#deps.onOutcome?.('sent');
        const again = this.#running.get(key) === true;
        this.#running.delete(key);
        if (again && !this.#stopped) this.wake(source, lane);
      },
      (error: unknown) => {
        this.#deps.onOutcome?.('failed');
        if (this.#stopped) return;
        this.#deps.log.warn({ source, lane, err: error }, 'wake failed, trying again');
        const timer = setTimeout(() => {
          this.#timers.delete(timer);
          this.#attempt(key, source, lane, Math.min(pauseMs * 2, RETRY_LONGEST_MS));
        }, pauseMs);
        timer.unref();
        this.#timers.add(timer);
      },
    );
  }

  #look(all: boolean): void {
    this.#wakeStuck(all).catch((error: unknown) => {
      this.#deps.log.warn({ err: error }, 'looking for pending batches failed');
    });
  }

  async #wakeStuck(all: boolean): Promise<void> {
    const seen = new Map<string, string>();
    for (const { source, lane, oldest } of await this.#deps.batches.pendingLanes()) {
      const key = `${source}\n${lane}`;
      seen.set(key, oldest.batchId);
      if (!this.#stopped && (all || this.#oldest.get(key) === oldest.batchId)) this.wake(source, lane);
    }
    this.#oldest = seen;
  }
}

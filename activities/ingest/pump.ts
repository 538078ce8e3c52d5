import type { BatchOutcome } from '../../storage/intake/types.ts';
import { pendingUnit, readUnit, type PendingUnit } from './drain.ts';
import { Interrupted } from './errors.ts';
import { pauseAfter } from './pace.ts';
import { patiently, type Patience } from './patience.ts';
import { sleep } from './pause.ts';
import type { IngestContext, Unit } from './types.ts';
import { processUnit } from './unit.ts';

/** Which lane to pump, and for how long. Durations in milliseconds. */
export interface PumpInput {
  readonly tenant: string;
  readonly source: string;
  readonly lane: number;
  /** The pump ends after so long, to be started again; a unit at hand is finished first. */
  readonly durationMs?: number;
  /** The pump ends when its lane has had nothing for so long. */
  readonly idleMs?: number;
}

/** What a pump did, in items by outcome. */
export interface PumpTotals {
  readonly batches: number;
  readonly items: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
}

/** A lane to pump. */
export interface PumpJob {
  readonly input: PumpInput;
  /** What an earlier try did; its totals go on. */
  readonly from: PumpTotals;
  /** The pump ends when it fires; a unit at hand is finished first. */
  readonly signal: AbortSignal;
  /** Told every second that the pump is alive, and what it did so far; and once more at its end. */
  readonly beat: (totals: PumpTotals) => void;
}

/** Pumps a lane until it is idle (true) or the job's signal fires (false). */
export type PumpLane = (job: PumpJob) => Promise<boolean>;

const PUMP_IDLE_MS = 5_000;
/** How often a running pump tells that it is alive. */
const HEARTBEAT_MS = 1_000;

function add(totals: PumpTotals, outcomes: readonly BatchOutcome[]): PumpTotals {
  const sum = { ...totals };
  for (const { header, stored, duplicates, quarantined } of outcomes) {
    sum.batches += 1;
    sum.items += header.items;
    sum.stored += stored;
    sum.duplicates += duplicates;
    sum.quarantined += quarantined;
  }
  return sum;
}

/** What the next unit will be, already under way; errors are kept for whoever takes it. */
type Ahead = Promise<{ readonly unit: Unit | undefined } | { readonly error: unknown }>;

/** One run of a pump on one lane. */
class Pump {
  readonly #deps: IngestContext;
  readonly #input: PumpInput;
  readonly #patience: Patience;
  totals: PumpTotals;

  constructor(deps: IngestContext, input: PumpInput, totals: PumpTotals, stop: AbortSignal) {
    this.#deps = deps;
    this.#input = input;
    this.totals = totals;
    this.#patience = {
      signal: stop,
      waiting: (error) => {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        deps.observer.waiting(input.source, code);
      },
    };
  }

  /** Pumps until the lane is idle (true) or the stop signal fires (false). */
  async run(): Promise<boolean> {
    const { signal } = this.#patience;
    const { quality } = this.#deps;
    const { source } = this.#input;
    const idleMs = this.#input.idleMs ?? PUMP_IDLE_MS;
    await this.#setLane('pumping');
    let ahead: Ahead | undefined;
    let idleSince = performance.now();
    while (!signal.aborted) {
      const unit = (await this.#taken(ahead)) ?? (await this.#take(new Set()));
      ahead = undefined;
      if (unit !== undefined) {
        const began = performance.now();
        const pause = (): number => pauseAfter(unit.items.length, performance.now() - began);
        if (pause() === 0) ahead = this.#takeAhead(new Set(unit.headers.map((header) => header.batchId)));
        await this.#process(unit);
        await sleep(pause(), signal);
        idleSince = performance.now();
      } else if (performance.now() - idleSince < idleMs) {
        await sleep(this.#deps.pollMs, signal);
      } else if (await this.#rest()) {
        await quality.flush(source);
        return true;
      }
      await quality.flushDue(source);
    }
    await quality.flush(source);
    return false;
  }

  /** Marks the lane idle and looks once more: a batch announced before the mark is found here, one after it wakes. */
  async #rest(): Promise<boolean> {
    await this.#setLane('idle');
    if ((await this.#pending(new Set())).headers.length === 0) return true;
    await this.#setLane('pumping');
    return false;
  }

  async #setLane(status: 'idle' | 'pumping'): Promise<void> {
    const { source, lane } = this.#input;
    await patiently(this.#patience, () => this.#deps.store.batches.setLane(source, lane, status));
  }

  #pending(taken: ReadonlySet<string>): Promise<PendingUnit> {
    const { source, lane } = this.#input;
    return patiently(this.#patience, () => pendingUnit(this.#deps.store, source, lane, taken));
  }

  /** The next unit; with `isWhole`, only where it could not become larger by waiting. */
  async #take(taken: ReadonlySet<string>, isWhole = false): Promise<Unit | undefined> {
    const { headers, isFull } = await this.#pending(taken);
    if (headers.length === 0 || (isWhole && !isFull)) return undefined;
    return patiently(this.#patience, () => readUnit(this.#deps.store, headers));
  }

  /**
   * Starts on the next unit while the one at hand is written. Not on one that more batches may still go into: what a unit
   * costs, flushes to disk above all, is shared by what is in it.
   */
  #takeAhead(taken: ReadonlySet<string>): Ahead {
    return this.#take(taken, true).then(
      (unit) => ({ unit }),
      (error: unknown) => ({ error }),
    );
  }

  async #taken(ahead: Ahead | undefined): Promise<Unit | undefined> {
    const outcome = await ahead;
    if (outcome === undefined) return undefined;
    if ('error' in outcome) throw outcome.error;
    return outcome.unit;
  }

  async #process(unit: Unit): Promise<void> {
    const started = performance.now();
    const oldest = unit.headers[0]?.receivedAt ?? '';
    const waitedMs = Math.max(0, Date.now() - Date.parse(oldest));
    if (this.#deps.spreads.hear(unit.headers)) this.#deps.store.log.doubtTips();
    const outcomes = await processUnit(this.#deps, unit, this.#patience);
    this.totals = add(this.totals, outcomes);
    this.#deps.observer.unit(this.#input.source, outcomes, performance.now() - started, waitedMs);
  }
}

/** Drains a lane's pending batches in this thread. Waits while the store is down or full; throws what waiting can't mend. */
export async function pumpLane(
  deps: IngestContext,
  { input, from, signal, beat }: PumpJob,
): Promise<boolean> {
  const pump = new Pump(deps, input, from, signal);
  const alive = setInterval(() => {
    beat(pump.totals);
  }, HEARTBEAT_MS);
  try {
    return await pump.run();
  } catch (error) {
    if (error instanceof Interrupted) return false;
    throw error;
  } finally {
    clearInterval(alive);
    beat(pump.totals);
  }
}

import type { BatchHeader } from '../../domain/ingestion/raw.ts';
import type { BatchStore } from '../../storage/intake/types.ts';

/** A batch is closed at this many items ... */
export const BATCH_ITEMS_MAX = 1_000;
/** ... or this many characters of its lines. */
export const BATCH_CHARS_MAX = 1_000_000;
/** Batches of one lane that may be on their way to the disk at the same time. */
export const FLUSHES_IN_FLIGHT_MAX = 2;
/** With one batch on its way, the next sets out when it has this many items; smaller ones wait and fill. */
const OVERLAP_ITEMS = 24;
/** Characters held in memory, over all lanes, beyond which requests are turned away. */
export const PENDING_CHARS_MAX = 48_000_000;
/** Message ids are remembered for this long; the spec asks for at least 30 days. */
const DEDUPE_SECONDS = 35 * 24 * 3600;

/** Where lines go. Held by reference, so that a change of the mapping starts a new batch. */
export interface BatchTarget {
  readonly source: string;
  readonly lane: number;
  readonly mapping: string;
}

/** What the batcher is made of. */
export interface BatcherDeps {
  readonly batches: Pick<BatchStore, 'append'>;
  /** A batch landed on a lane without a pump. Must not throw nor block. */
  readonly wake: (source: string, lane: number) => void;
  readonly onFlush?: (header: BatchHeader, seconds: number) => void;
  readonly pendingCharsMax?: number;
}

interface OpenBatch {
  readonly target: BatchTarget;
  readonly lines: string[];
  chars: number;
  readonly receivedAt: string;
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Lane {
  /** In order of arrival; all but the last are full. */
  readonly queue: OpenBatch[];
  inFlight: number;
  scheduled: boolean;
}

/**
 * Group commit: lines that arrive while a batch is being written form the next one, so that the disk's time is shared
 * by all who wait. An idle lane flushes at the end of the event loop's turn; there is no timer to tune.
 */
export class Batcher {
  readonly #deps: BatcherDeps;
  readonly #lanes = new Map<string, Lane>();
  readonly #flushes = new Set<Promise<void>>();
  readonly #pendingMax: number;
  #pending = 0;

  constructor(deps: BatcherDeps) {
    this.#deps = deps;
    this.#pendingMax = deps.pendingCharsMax ?? PENDING_CHARS_MAX;
  }

  /** Characters accepted into memory and not durable yet. */
  get pending(): number {
    return this.#pending;
  }

  /** True while there is no room for more: callers answer 429. */
  get full(): boolean {
    return this.#pending >= this.#pendingMax;
  }

  /** Adds lines; resolves once they are durable. Rejects with the store's error: then none of them counts as accepted. */
  add(target: BatchTarget, lines: readonly string[], receivedAt: string): Promise<void> {
    const key = `${target.source}\n${target.lane}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { queue: [], inFlight: 0, scheduled: false };
      this.#lanes.set(key, lane);
    }
    let batch = lane.queue.at(-1);
    if (batch === undefined || isFull(batch) || batch.target.mapping !== target.mapping) {
      batch = openBatch(target, receivedAt);
      lane.queue.push(batch);
    }
    for (const line of lines) {
      batch.lines.push(line);
      batch.chars += line.length;
      this.#pending += line.length;
    }
    // A full batch is on its way to the disk while the turn's other requests are read.
    if (isFull(batch) && isDue(lane)) this.#flush(lane);
    else this.#schedule(lane);
    return batch.promise;
  }

  /** Resolves when nothing is open or in flight any more. */
  async drain(): Promise<void> {
    for (;;) {
      for (const lane of this.#lanes.values()) this.#flush(lane);
      if (this.#flushes.size === 0) return;
      await Promise.allSettled(this.#flushes);
    }
  }

  /** Flushes at the end of the turn, so that all requests read in it share a batch. */
  #schedule(lane: Lane): void {
    if (lane.scheduled || !isDue(lane)) return;
    lane.scheduled = true;
    setImmediate(() => {
      lane.scheduled = false;
      while (isDue(lane)) this.#flush(lane);
    });
  }

  #flush(lane: Lane): void {
    const batch = lane.queue.shift();
    if (batch === undefined) return;
    lane.inFlight++;
    const flush = this.#write(batch).finally(() => {
      lane.inFlight--;
      this.#pending -= batch.chars;
      this.#flushes.delete(flush);
      this.#schedule(lane);
    });
    this.#flushes.add(flush);
  }

  async #write(batch: OpenBatch): Promise<void> {
    const started = performance.now();
    try {
      const { header, needsWake } = await this.#deps.batches.append(
        {
          source: batch.target.source,
          lane: batch.target.lane,
          mapping: batch.target.mapping,
          items: batch.lines.length,
          receivedAt: batch.receivedAt,
          dedupeUntil: Math.floor(Date.parse(batch.receivedAt) / 1000) + DEDUPE_SECONDS,
        },
        batch.lines,
      );
      if (needsWake) this.#deps.wake(header.source, header.lane);
      this.#deps.onFlush?.(header, (performance.now() - started) / 1000);
      batch.resolve();
    } catch (error) {
      batch.reject(error);
    }
  }
}

function isFull(batch: OpenBatch): boolean {
  return batch.lines.length >= BATCH_ITEMS_MAX || batch.chars >= BATCH_CHARS_MAX;
}

function isDue(lane: Lane): boolean {
  const next = lane.queue[0];
  if (next === undefined || lane.inFlight >= FLUSHES_IN_FLIGHT_MAX) return false;
  return lane.inFlight === 0 || lane.queue.length > 1 || next.lines.length >= OVERLAP_ITEMS;
}

function openBatch(target: BatchTarget, receivedAt: string): OpenBatch {
  const { promise, resolve, reject } = withResolvers();
  return { target, lines: [], chars: 0, receivedAt, promise, resolve, reject };
}

function withResolvers(): {
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
} {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

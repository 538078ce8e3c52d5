import type { BatchHeader, Spread } from '../../domain/ingestion/raw.ts';
import type { BatchStore } from '../../storage/intake/types.ts';

/** A batch is closed at this many items ... */
export const BATCH_ITEMS_MAX = 1_000;
/** ... or this many characters of its lines. */
export const BATCH_CHARS_MAX = 1_000_000;
/** Batches of one lane that may be on their way to the disk at the same time. */
export const FLUSHES_IN_FLIGHT_MAX = 2;
/** Rounds of batches that may be on their way at the same time, over all lanes. */
const ROUNDS_IN_FLIGHT_MAX = 2;
/** With one round or batch on its way, the next sets out when it has this many items; smaller ones wait and fill. */
const OVERLAP_ITEMS = 24;
/** A round that takes longer than this, in milliseconds, holds up nobody but its own lanes. */
const STRAGGLING_MS = 50;
/** Characters held in memory, over all lanes, beyond which requests are turned away. */
export const PENDING_CHARS_MAX = 48_000_000;
/** Message ids are remembered for this long; the spec asks for at least 30 days. */
const DEDUPE_SECONDS = 35 * 24 * 3600;

/** Where lines go. A change of the mapping, of how the source is spread, or of what was checked starts a new batch. */
export interface BatchTarget {
  readonly source: string;
  readonly lane: number;
  readonly mapping: string;
  /** Of one spreading, the same object. */
  readonly spread?: Spread | undefined;
  /** See `BatchHeader`. */
  readonly checked?: number | undefined;
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
}

/**
 * Group commit: lines that arrive while batches are being written form the next ones, and the batches of all lanes set out
 * together in rounds, so that the disk's time is shared by all who wait. When nothing is on its way, a round sets out at
 * the end of the event loop's turn; there is no linger to tune.
 */
export class Batcher {
  readonly #deps: BatcherDeps;
  readonly #lanes = new Map<string, Lane>();
  readonly #flushes = new Set<Promise<void>>();
  readonly #pendingMax: number;
  #pending = 0;
  /** Items that no round took yet. */
  #waiting = 0;
  #rounds = 0;
  #scheduled = false;

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
      lane = { queue: [], inFlight: 0 };
      this.#lanes.set(key, lane);
    }
    let batch = lane.queue.at(-1);
    if (batch === undefined || isFull(batch) || !areAlike(batch.target, target)) {
      batch = openBatch(target, receivedAt);
      lane.queue.push(batch);
    }
    for (const line of lines) {
      batch.lines.push(line);
      batch.chars += line.length;
      this.#pending += line.length;
    }
    this.#waiting += lines.length;
    // A full batch is on its way to the disk while the turn's other requests are read.
    if (isFull(batch) && isDue(lane)) this.#flush(lane);
    else this.#schedule();
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

  /** Starts a round at the end of the turn, so that all requests read in it share its batches. */
  #schedule(): void {
    if (this.#scheduled || !this.#isDue()) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#startRound();
    });
  }

  #isDue(): boolean {
    if (this.#waiting === 0 || this.#rounds >= ROUNDS_IN_FLIGHT_MAX) return false;
    return this.#rounds === 0 || this.#waiting >= OVERLAP_ITEMS;
  }

  #startRound(): void {
    const flushes: Promise<void>[] = [];
    for (const lane of this.#lanes.values()) {
      while (isDue(lane)) this.#flush(lane, flushes);
    }
    if (flushes.length === 0) return;
    this.#rounds++;
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(straggling);
      this.#rounds--;
      this.#schedule();
    };
    const straggling = setTimeout(end, STRAGGLING_MS);
    Promise.all(flushes).then(end, end);
  }

  /** Sends the lane's first batch on its way, as a part of `round`. */
  #flush(lane: Lane, round: Promise<void>[] = []): void {
    const batch = lane.queue.shift();
    if (batch === undefined) return;
    lane.inFlight++;
    this.#waiting -= batch.lines.length;
    const flush = this.#write(batch).finally(() => {
      lane.inFlight--;
      this.#pending -= batch.chars;
      this.#flushes.delete(flush);
      this.#schedule();
    });
    this.#flushes.add(flush);
    round.push(flush);
  }

  async #write(batch: OpenBatch): Promise<void> {
    const started = performance.now();
    const { source, lane, mapping, spread, checked } = batch.target;
    try {
      const { header, needsWake } = await this.#deps.batches.append(
        {
          source,
          lane,
          mapping,
          items: batch.lines.length,
          receivedAt: batch.receivedAt,
          dedupeUntil: Math.floor(Date.parse(batch.receivedAt) / 1000) + DEDUPE_SECONDS,
          ...(spread === undefined ? {} : { spread }),
          ...(checked === undefined ? {} : { checked }),
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

/** Of targets in one lane. */
function areAlike(a: BatchTarget, b: BatchTarget): boolean {
  return a.mapping === b.mapping && a.spread === b.spread && a.checked === b.checked;
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

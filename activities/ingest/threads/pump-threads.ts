import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { laneOfText } from '../../../domain/ingestion/lane.ts';
import type { PumpInput, PumpJob, PumpLane } from '../pump.ts';
import type { IngestObserver } from '../types.ts';
import { unpackError, type FromPumpThread, type PumpThreadInput, type ToPumpThread } from './protocol.ts';

/** How often a pump is said to be alive whose thread is still starting, in milliseconds. */
const STARTING_BEAT_MS = 1_000;

/** Of a thread's heap: what a unit of work takes lives through few collections of it and is not moved to the old generation. */
const YOUNG_MB = 72;
/**
 * By how many percent an old generation may grow between two markings. What V8 takes by itself, some 50 here, has each
 * thread's caches marked every second, for a tenth of all CPU.
 */
const OLD_GROWTH_PERCENT = 150;

/** What pump threads work with. */
export interface PumpThreadsOptions {
  /** How many there are at most; each starts with the first lane that falls to it. */
  readonly threads: number;
  /** The module that a thread starts from. */
  readonly start: URL;
  readonly input: PumpThreadInput;
  readonly observer: IngestObserver;
  /** Told by how much a thread's counters grew: of its storage, and of what came on hold. */
  readonly onCounted: (
    meter: Readonly<Record<string, number>>,
    holds: Readonly<Record<string, number>>,
  ) => void;
}

/**
 * Pumps lanes on threads beside the one that talks to Temporal, so that ingestion has more than one core and nothing else of
 * the process waits for it. A lane always falls to the same thread, which remembers its people; the lanes of a source fall
 * to different ones.
 */
export class PumpThreads {
  readonly #options: PumpThreadsOptions;
  readonly #threads: (PumpThread | undefined)[] = [];

  constructor(options: PumpThreadsOptions) {
    this.#options = options;
    // For all heaps of the process, and read at each marking; a V8 without this flag says so and goes on.
    setFlagsFromString(`--heap-growing-percent=${OLD_GROWTH_PERCENT}`);
  }

  /** Pumps on the lane's thread. Throws where that thread dies; the next job of the lane starts another. */
  readonly pump: PumpLane = (job) => {
    const at = threadOf(job.input, this.#options.threads);
    let thread = this.#threads[at];
    if (thread === undefined || thread.isDead) this.#threads[at] = thread = new PumpThread(this.#options);
    return thread.run(job);
  };

  /** Ends the threads, whose jobs must have ended. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map(async (thread) => thread?.close()));
  }
}

/** The thread of a lane, of so many. */
export function threadOf({ source, lane }: Pick<PumpInput, 'source' | 'lane'>, threads: number): number {
  return (laneOfText(source, threads) + lane) % threads;
}

interface Run {
  readonly job: PumpJob;
  readonly resolve: (isIdle: boolean) => void;
  readonly reject: (error: Error) => void;
}

/** One thread and what runs on it. */
class PumpThread {
  readonly #options: PumpThreadsOptions;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #runs = new Map<number, Run>();
  readonly #starting: NodeJS.Timeout;
  #next = 0;
  isDead = false;

  constructor(options: PumpThreadsOptions) {
    this.#options = options;
    const { start, input } = options;
    this.#worker = new Worker(start, {
      ...{ workerData: input, execArgv: [], name: 'pump' },
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker.on('message', (message: FromPumpThread) => {
      this.#take(message);
    });
    this.#worker.on('error', (error) => {
      this.#die(error);
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#die(new Error('the thread of the pump ended'));
        resolve();
      });
    });
    this.#starting = setInterval(() => {
      for (const { job } of this.#runs.values()) job.beat(job.from);
    }, STARTING_BEAT_MS);
  }

  async run(job: PumpJob): Promise<boolean> {
    const run = this.#next++;
    const stop = (): void => {
      this.#send({ kind: 'stop', run });
    };
    try {
      return await new Promise<boolean>((resolve, reject) => {
        this.#runs.set(run, { job, resolve, reject });
        this.#send({ kind: 'pump', run, input: job.input, from: job.from });
        job.signal.addEventListener('abort', stop);
        if (job.signal.aborted) stop();
      });
    } finally {
      job.signal.removeEventListener('abort', stop);
      this.#runs.delete(run);
    }
  }

  async close(): Promise<void> {
    this.#send({ kind: 'close' });
    await this.#ended;
  }

  #send(message: ToPumpThread): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromPumpThread): void {
    const { observer, onCounted } = this.#options;
    switch (message.kind) {
      case 'ready':
        clearInterval(this.#starting);
        return;
      case 'beat':
        this.#runs.get(message.run)?.job.beat(message.totals);
        return;
      case 'ended':
        this.#runs.get(message.run)?.resolve(message.isIdle);
        return;
      case 'failed':
        this.#runs.get(message.run)?.reject(unpackError(message.error));
        return;
      case 'counted':
        onCounted(message.meter, message.holds);
        return;
      case 'unit':
        observer.unit(...message.args);
        return;
      case 'waiting':
        observer.waiting(...message.args);
        return;
      case 'violations':
        observer.violations(...message.args);
        return;
      case 'poison': {
        const [source, batchId, index, error] = message.args;
        observer.poison(source, batchId, index, unpackError(error));
      }
    }
  }

  #die(error: unknown): void {
    this.isDead = true;
    clearInterval(this.#starting);
    const cause = error instanceof Error ? error : new Error(String(error));
    for (const { reject } of this.#runs.values()) reject(cause);
  }
}

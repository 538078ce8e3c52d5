import { spawn, type ChildProcess } from 'node:child_process';
import { StartFailure } from '../failure.ts';
import { guard } from './guard.ts';
import { lastWords } from './last-words.ts';
import type { LogFile } from './log-file.ts';
import { signal } from './processes.ts';

/** How one process of the stack is run. Times in milliseconds. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly log: LogFile;
  /** Whether it serves. Asked repeatedly; throwing means no. */
  readonly isHealthy: () => Promise<boolean>;
  readonly readyWithinMs: number;
  readonly graceMs: number;
  /** What to do each time before it starts again; a failure here only delays. */
  readonly beforeRestart?: () => Promise<void>;
}

/** Called with the id of the process that runs now, or undefined when there is none. */
export type PidListener = (name: string, pid: number | undefined) => void;

const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 10_000;
/** A process that ran this long has earned a quick restart. */
const STEADY_MS = 30_000;
const PROBE_MS = 100;

/** How long to wait before the n-th restart in a row, from 0. */
export function backoff(restarts: number): number {
  return Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** restarts);
}

/** One process that is kept running: started, awaited until it serves, started again when it dies, stopped in order. */
export class Supervised {
  readonly name: string;
  readonly #spec: ProcessSpec;
  readonly #onPid: PidListener;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #stopping = false;
  #restarts = 0;
  #timer: NodeJS.Timeout | undefined;
  #failed = false;
  /** Whether any death is answered by a restart: only once it has served. Before, only a violent one is. */
  #keep = false;

  constructor(spec: ProcessSpec, onPid: PidListener) {
    this.name = spec.name;
    this.#spec = spec;
    this.#onPid = onPid;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it and answers once it serves. Throws `StartFailure` where it ends or takes too long. */
  async start(): Promise<void> {
    this.#stopping = false;
    this.#failed = false;
    this.#launch(false);
    const end = Date.now() + this.#spec.readyWithinMs;
    while (!(await this.#healthy())) {
      if (this.#isStopping()) return;
      if (this.#hasFailed()) throw await this.#failure('ended before it was ready');
      if (Date.now() > end)
        throw await this.#failure(`was not ready within ${this.#spec.readyWithinMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    }
    this.#keep = true;
  }

  #isStopping(): boolean {
    return this.#stopping;
  }

  #hasFailed(): boolean {
    return this.#failed;
  }

  async #healthy(): Promise<boolean> {
    if (this.#failed || this.#child === undefined) return false;
    try {
      return await this.#spec.isHealthy();
    } catch {
      return false;
    }
  }

  async #failure(what: string): Promise<StartFailure> {
    const last = lastWords(await this.#spec.log.tail(40));
    await this.stop();
    return new StartFailure(
      `${this.name} ${what}${last === undefined ? '' : `: ${last}`}`,
      `Its log says more: ${this.#spec.log.path}`,
    );
  }

  #launch(again: boolean): void {
    const started = Date.now();
    // A process group of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops the rest in order.
    const child = this.#spec.log.lend((descriptor) =>
      spawn(this.#spec.command, this.#spec.args, {
        env: this.#spec.env,
        stdio: ['ignore', descriptor, descriptor],
        detached: true,
      }),
    );
    this.#child = child;
    const release = child.pid === undefined ? () => undefined : guard(child.pid);
    this.#onPid(this.name, child.pid);
    this.#exited = new Promise((resolve) => {
      let over = false;
      const ended = (_code: unknown, violent: NodeJS.Signals | null = null) => {
        if (over) return;
        over = true;
        release();
        this.#child = undefined;
        this.#onPid(this.name, undefined);
        this.#afterExit(Date.now() - started, violent !== null);
        resolve();
      };
      child.once('exit', ended);
      child.once('error', ended);
    });
    if (again) this.#restarts += 1;
  }

  #afterExit(livedMs: number, wasKilled: boolean): void {
    if (this.#stopping) return;
    // One that ends by itself before it serves would do so again; one that somebody killed may come up next time.
    if (!this.#keep && !wasKilled) {
      this.#failed = true;
      return;
    }
    if (livedMs > STEADY_MS) this.#restarts = 0;
    this.#timer = setTimeout(() => {
      const prepare = this.#spec.beforeRestart?.() ?? Promise.resolve();
      prepare
        .catch(() => undefined)
        .then(() => {
          if (!this.#stopping) this.#launch(true);
        })
        .catch(() => undefined);
    }, backoff(this.#restarts));
  }

  /** Ends the process and lets it be started again at once, as after a death. */
  restart(): void {
    if (this.#child?.pid !== undefined) signal(this.#child.pid, 'SIGTERM');
  }

  /** Asks it to stop, waits for the grace, then ends it. Not restarted afterwards. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#keep = false;
    clearTimeout(this.#timer);
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    signal(pid, 'SIGTERM');
    const timer = setTimeout(() => {
      signal(pid, 'SIGKILL');
    }, this.#spec.graceMs);
    await this.#exited;
    clearTimeout(timer);
  }
}

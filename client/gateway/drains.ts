import { randomUUID } from 'node:crypto';

/** For how long it is known how a drain ended that somebody still waits for. */
const KEEP_MS = 300_000;

interface Drain {
  readonly id: string;
  readonly source: string;
  readonly result: Promise<void>;
  hasBegun: boolean;
}

/**
 * Drains that callers wait for: one of a source at a time, however many ask, since Temporal takes few open updates of a workflow
 * and a pause must find room. Whoever asks while one goes on gets the one after it, which takes in all that was accepted
 * until then; who names the one that it was told to wait for goes on waiting for that.
 */
export class Drains {
  readonly #drain: (source: string) => Promise<void>;
  /** By source: the one that was asked for last and is not over. */
  readonly #last = new Map<string, Drain>();
  /** By id: those that callers were told to go on waiting for. */
  readonly #told = new Map<string, Drain>();

  /** `drain` answers once all is through that was pending when it was called. */
  constructor(drain: (source: string) => Promise<void>) {
    this.#drain = drain;
  }

  /** Undefined once drained; where that takes longer than `patienceMs`, the id by which to go on waiting. */
  async wait(source: string, id: string | undefined, patienceMs: number): Promise<string | undefined> {
    const drain = this.#joined(source, id);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, patienceMs, drain.id);
    });
    try {
      const waiting = await Promise.race([drain.result.then(() => undefined), patience]);
      if (waiting !== undefined) this.#told.set(drain.id, drain);
      return waiting;
    } finally {
      clearTimeout(timer);
    }
  }

  #joined(source: string, id: string | undefined): Drain {
    const told = id === undefined ? undefined : this.#told.get(id);
    if (told?.source === source) return told;
    const last = this.#last.get(source);
    return last !== undefined && !last.hasBegun ? last : this.#start(source, last);
  }

  #start(source: string, before: Drain | undefined): Drain {
    const turn = before?.result.catch(() => undefined) ?? Promise.resolve();
    const result = turn.then(() => {
      drain.hasBegun = true;
      return this.#drain(source);
    });
    const drain: Drain = { id: randomUUID(), source, result, hasBegun: false };
    this.#last.set(source, drain);
    const over = (): void => {
      if (this.#last.get(source) === drain) this.#last.delete(source);
      setTimeout(() => this.#told.delete(drain.id), KEEP_MS).unref();
    };
    result.then(over, over);
    return drain;
  }
}

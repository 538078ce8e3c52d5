/** Milliseconds of one turn of the event loop that work may begin in. */
const TURN_MS = 5;

interface Waiting {
  readonly work: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Shares the event loop between what requests need of it and what waits for its next turn, such as the answers of those before
 * them: where many requests are there at once, some are read in this turn and the others in later ones, in the order they came.
 * Otherwise each step of writing a batch would wait until all of them are read.
 */
export class Turns {
  readonly #waiting: Waiting[] = [];
  readonly #now: () => number;
  #endsAt: number | undefined;

  /** `now` in milliseconds of any clock that does not step back. */
  constructor(now = (): number => performance.now()) {
    this.#now = now;
  }

  /** Does some work, at once or in a later turn; answers what it does, or throws what it throws. */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = {
        work: () => {
          resolve(work());
        },
        reject,
      };
      if (this.#waiting.length > 0 || !this.#hasTime()) this.#waiting.push(waiting);
      else begin(waiting);
    });
  }

  /** Whether this turn has time left; the first to ask begins it. */
  #hasTime(): boolean {
    if (this.#endsAt !== undefined) return this.#now() < this.#endsAt;
    this.#endsAt = this.#now() + TURN_MS;
    setImmediate(() => {
      this.#endsAt = undefined;
      this.#next();
    });
    return true;
  }

  /** As many of those that wait as a turn has time for. */
  #next(): void {
    while (this.#waiting.length > 0 && this.#hasTime()) {
      const waiting = this.#waiting.shift();
      if (waiting !== undefined) begin(waiting);
    }
  }
}

function begin({ work, reject }: Waiting): void {
  try {
    work();
  } catch (error) {
    reject(error);
  }
}

/** Something waiting for a commit that it may share with others. */
interface Waiting<W> {
  readonly work: W;
  readonly size: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What became of one part of a group: undefined for done, or the error that it alone gets. */
export type Outcome = Error | undefined;

/**
 * Collects what is asked for in one turn of the event loop and commits it at once, since a flush to disk costs the same
 * for one write as for hundreds. `commit` runs synchronously and answers for each part in order; if it throws, parts
 * are tried alone, so that one that can't be stored does not take its neighbours with it.
 */
export class GroupCommit<W> {
  readonly #commit: (group: readonly W[]) => Outcome[];
  readonly #sizeMax: number;
  #queue: Waiting<W>[] = [];
  #scheduled = false;
  #idle: (() => void)[] = [];

  /** `sizeMax` bounds the sizes in one group, so that a commit does not hold the event loop for long. */
  constructor(commit: (group: readonly W[]) => Outcome[], sizeMax: number) {
    this.#commit = commit;
    this.#sizeMax = sizeMax;
  }

  /** Resolves once a commit that holds `work` is durable. */
  add(work: W, size: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ work, size, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    if (this.#queue.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
      if (this.#queue.length > 0) {
        this.#schedule();
        return;
      }
      for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  #flush(): void {
    let count = 0;
    let size = 0;
    for (const waiting of this.#queue) {
      if (count > 0 && size + waiting.size > this.#sizeMax) break;
      size += waiting.size;
      count += 1;
    }
    this.#settle(this.#queue.splice(0, count));
  }

  #settle(group: readonly Waiting<W>[]): void {
    let outcomes: Outcome[];
    try {
      outcomes = this.#commit(group.map((waiting) => waiting.work));
    } catch (error) {
      if (group.length > 1) for (const waiting of group) this.#settle([waiting]);
      else group[0]?.reject(error);
      return;
    }
    group.forEach((waiting, i) => {
      const outcome = outcomes[i];
      if (outcome === undefined) waiting.resolve();
      else waiting.reject(outcome);
    });
  }
}

import { steadyClock } from './steady-clock.ts';

/** How long a process may go on with an epoch, or its key, that another process has ended. */
const CACHE_MS = 10_000;

/** Where the epochs of a set of keys lie. */
export interface EpochStore {
  /** The newest epoch whose key is there; one that is made now where there is none. */
  newest(): Promise<string>;
  /** The key of an epoch; undefined where it was destroyed or never was. */
  key(epoch: string): Promise<Uint8Array | undefined>;
}

/** Holds what an epoch store answered for 10 s, so that a destroyed key is not used for longer anywhere. */
export class EpochKeys {
  readonly #store: EpochStore;
  readonly #now: () => number;
  readonly #keys = new Map<string, { readonly key: Uint8Array; readonly until: number }>();
  #current: { readonly epoch: string; readonly until: number } | undefined;

  /** `now` answers epoch milliseconds. */
  constructor(store: EpochStore, now: () => number) {
    this.#store = store;
    this.#now = steadyClock(now);
  }

  /** The epoch under which keys are generated now, with its key. */
  async current(): Promise<{ epoch: string; key: Uint8Array }> {
    for (;;) {
      const epoch = await this.#currentEpoch();
      const key = await this.key(epoch);
      if (key !== undefined) return { epoch, key };
      this.#current = undefined;
    }
  }

  /** The key of an epoch; undefined where it was destroyed. */
  async key(epoch: string): Promise<Uint8Array | undefined> {
    const held = this.#keys.get(epoch);
    if (held !== undefined && this.#now() < held.until) return held.key;
    this.#keys.delete(epoch);
    const key = await this.#store.key(epoch);
    if (key !== undefined) this.#keys.set(epoch, { key, until: this.#now() + CACHE_MS });
    return key;
  }

  /** Keys are generated under this epoch from now on. */
  start(epoch: string): void {
    this.#current = { epoch, until: this.#now() + CACHE_MS };
  }

  /** The epoch was destroyed. */
  forget(epoch: string): void {
    this.#keys.delete(epoch);
    this.#current = undefined;
  }

  /** Holds no key any more. */
  clear(): void {
    this.#keys.clear();
  }

  async #currentEpoch(): Promise<string> {
    if (this.#current !== undefined && this.#now() < this.#current.until) return this.#current.epoch;
    const epoch = await this.#store.newest();
    this.start(epoch);
    return epoch;
  }
}

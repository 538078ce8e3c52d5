import type { BatchHeader } from '../../domain/ingestion/raw.ts';
import type { Table } from '../ports.ts';
import { announceAll } from './pending.ts';

/** A batch whose bytes are durable waits so long, in milliseconds, for those of others that set out with it. */
const GATHER_MS = 10;

interface Announcement {
  readonly header: BatchHeader;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Batches whose bytes set out in one turn of the event loop. */
class Group {
  readonly #table: Table;
  #writing = 0;
  #ready: Announcement[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(table: Table) {
    this.#table = table;
  }

  join(): void {
    this.#writing += 1;
  }

  /** The bytes of one that joined are durable: resolves once it is announced. */
  announce(header: BatchHeader): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ready.push({ header, resolve, reject });
      this.#timer ??= setTimeout(() => {
        this.#flush();
      }, GATHER_MS);
      this.leave();
    });
  }

  /** One that joined is ready, or won't be. */
  leave(): void {
    this.#writing -= 1;
    if (this.#writing === 0) this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ready = this.#ready;
    this.#ready = [];
    announceAll(
      this.#table,
      ready.map(({ header }) => header),
    ).then(
      () => {
        for (const { resolve } of ready) resolve();
      },
      (error: unknown) => {
        for (const { reject } of ready) reject(error);
      },
    );
  }
}

/**
 * Announces batches that set out together in one transaction: a commit costs the disk, and DynamoDB, the same for many
 * as for one. None waits long for another's bytes.
 */
export class Announcing {
  readonly #table: Table;
  #open: Group | undefined;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Runs `put`, which makes a batch's bytes durable; resolves once the batch is announced too. */
  async after(header: BatchHeader, put: () => Promise<unknown>): Promise<void> {
    const group = this.#join();
    try {
      await put();
    } catch (error) {
      group.leave();
      throw error;
    }
    await group.announce(header);
  }

  #join(): Group {
    let group = this.#open;
    if (group === undefined) {
      group = this.#open = new Group(this.#table);
      setImmediate(() => {
        this.#open = undefined;
      });
    }
    group.join();
    return group;
  }
}

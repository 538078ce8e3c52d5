import { createHash } from 'node:crypto';
import type { WebhookStore } from '../../../storage/webhooks/types.ts';
import type { Logger } from '../log.ts';

/**
 * Deliveries are remembered for this long. Vendors whose signatures hold a time are refused long before; what another
 * vendor's replay brings later is a duplicate by its message id.
 */
export const REMEMBERED_SECONDS = 7 * 24 * 3600;
/** Digests held in memory that are not in the store yet or came there lately. */
const RECENT_MAX = 20_000;
/** Between writes of what was taken: each is a commit, which the batches of the same moment wait for. */
const FLUSH_MS = 200;
const DIGEST_CHARS = 22;

interface Taken {
  readonly source: string;
  readonly digest: string;
  readonly expiresAt: number;
}

/** What a delivery is to those that came before. */
export type Standing = 'new' | 'taken' | 'in-flight';

/**
 * Knows replays. A delivery counts as taken once its answer has gone out: one whose sender hung up before is sent
 * again by its vendor, and must get through. Written behind the answer, in groups: what a crash loses of it comes
 * through once more and is a duplicate.
 */
export class Deliveries {
  readonly #store: Pick<WebhookStore, 'wasTaken' | 'remember'>;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #inFlight = new Set<string>();
  readonly #recent = new Set<string>();
  #unwritten: Taken[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(store: Pick<WebhookStore, 'wasTaken' | 'remember'>, log: Logger, now: () => number) {
    this.#store = store;
    this.#log = log;
    this.#now = now;
  }

  /** Books a delivery where it is new; `done` or `gone` must follow. */
  async begin(source: string, digest: string): Promise<Standing> {
    const key = keyOf(source, digest);
    if (this.#recent.has(key)) return 'taken';
    if (this.#inFlight.has(key)) return 'in-flight';
    this.#inFlight.add(key);
    try {
      if (!(await this.#store.wasTaken(source, digest))) return 'new';
    } catch (error) {
      this.#inFlight.delete(key);
      throw error;
    }
    this.#inFlight.delete(key);
    return 'taken';
  }

  /** Its answer went out. */
  done(source: string, digest: string): void {
    const key = keyOf(source, digest);
    this.#inFlight.delete(key);
    this.#recent.add(key);
    if (this.#recent.size > RECENT_MAX) {
      const [oldest] = this.#recent;
      if (oldest !== undefined) this.#recent.delete(oldest);
    }
    const expiresAt = Math.floor(this.#now() / 1_000) + REMEMBERED_SECONDS;
    this.#unwritten.push({ source, digest, expiresAt });
    this.#timer ??= setTimeout(() => {
      this.#flush();
    }, FLUSH_MS);
  }

  /** It was not taken, or its sender does not know that it was. */
  gone(source: string, digest: string): void {
    this.#inFlight.delete(keyOf(source, digest));
  }

  /** Resolves once what was taken so far is written, or could not be. */
  async drain(): Promise<void> {
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#unwritten.length === 0) return;
    const taken = this.#unwritten;
    this.#unwritten = [];
    this.#writing = this.#writing
      .then(() => this.#store.remember(taken))
      .catch((error: unknown) => {
        this.#log.warn({ err: error, deliveries: taken.length }, 'deliveries taken could not be noted');
      });
  }
}

/** What tells a delivery from all others: a digest of what was signed. */
export function digestOf(signed: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of signed) hash.update(part);
  return hash.digest('base64url').slice(0, DIGEST_CHARS);
}

function keyOf(source: string, digest: string): string {
  return `${source} ${digest}`;
}

import { hash, timingSafeEqual } from 'node:crypto';
import { steadyClock } from '../../storage/steady-clock.ts';
import type { Registry, SourceConfig } from '../../storage/registry/types.ts';

/** How long a look at the registry serves; a revoked key is refused after at most this and the registry's own second. */
const REFRESH_MS = 1_000;
/** An unknown key may be brand new: look again, but not more often than this. */
const MISS_REFRESH_MS = 250;

/** Finds the source that a write key belongs to. Holds hashes alone. */
export class WriteKeys {
  readonly #registry: Pick<Registry, 'sources'>;
  readonly #now: () => number;
  #byHash = new Map<string, { readonly digest: Buffer; readonly source: SourceConfig }>();
  #loadedAt = -Infinity;
  #isLoaded = false;
  #loading: Promise<void> | undefined;

  constructor(registry: Pick<Registry, 'sources'>, now: () => number = Date.now) {
    this.#registry = registry;
    this.#now = steadyClock(now);
  }

  /**
   * The key's source, or undefined. Throws `StoreUnavailable` when nothing was ever read; while the store is away
   * later, the last known keys serve, since nothing can be accepted then anyway.
   */
  async find(key: string): Promise<SourceConfig | undefined> {
    if (this.#now() - this.#loadedAt >= REFRESH_MS) await this.#refresh();
    const found = this.#match(key);
    if (found !== undefined || this.#now() - this.#loadedAt < MISS_REFRESH_MS) return found;
    await this.#refresh();
    return this.#match(key);
  }

  /** Looks again at the next request: this process changed a key. */
  forget(): void {
    this.#loadedAt = -Infinity;
  }

  /**
   * The lookup by hash leaks at most whether a *hash* is known; the comparison that decides is in constant time.
   */
  #match(key: string): SourceConfig | undefined {
    const digest = hash('sha256', key, 'buffer');
    const entry = this.#byHash.get(digest.toString('base64'));
    return entry !== undefined && timingSafeEqual(entry.digest, digest) ? entry.source : undefined;
  }

  async #refresh(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    await this.#loading;
  }

  async #load(): Promise<void> {
    try {
      const sources = await this.#registry.sources();
      const byHash = new Map<string, { readonly digest: Buffer; readonly source: SourceConfig }>();
      for (const source of sources) {
        for (const hex of source.writeKeyHashes) {
          const digest = Buffer.from(hex, 'hex');
          byHash.set(digest.toString('base64'), { digest, source });
        }
      }
      this.#byHash = byHash;
      this.#isLoaded = true;
    } catch (error) {
      if (!this.#isLoaded) throw error;
    }
    this.#loadedAt = this.#now();
  }
}

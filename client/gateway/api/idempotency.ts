import { createHash } from 'node:crypto';
import { ConditionFailed } from '../../../storage/errors.ts';
import type { Key } from '../../../storage/ports.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { open, seal } from '../../../storage/vault/seal.ts';
import { ProblemError } from '../problem.ts';
import type { Answer } from './route.ts';

/** How long an answer is kept for repeats of its request. */
const KEPT_SECONDS = 24 * 3600;
/** How long a request may be under way before its key is free again: its process must have died. */
const CLAIM_SECONDS = 120;
const KEY = /^[!-~]{1,255}$/;

interface Kept {
  /** What was asked, so that a key can't be used for something else. */
  readonly request: string;
  /** Absent while the first request is under way. */
  readonly answer?: Answer;
}

/** Runs a write at most once per `Idempotency-Key`; a repeat gets the first one's answer. */
export class Idempotency {
  readonly #store: Pick<TenantStore, 'tenant' | 'storage' | 'vault'>;

  constructor(store: Pick<TenantStore, 'tenant' | 'storage' | 'vault'>) {
    this.#store = store;
  }

  /**
   * `request` is the route with its parameters and body. Throws 400 for a key that is none, 409 while the first
   * request is under way, 422 where the key came with another request. An answer of 500 and more frees the key.
   */
  async once(key: string, request: string, run: () => Promise<Answer>): Promise<Answer> {
    if (!KEY.test(key)) {
      throw new ProblemError(
        400,
        'bad-idempotency-key',
        'Idempotency-Key must be 1 to 255 printable characters.',
      );
    }
    const place: Key = { pk: `idem/${digest(key)}`, sk: 'answer' };
    const asked = digest(request);
    const earlier = await this.#claim(place, asked);
    if (earlier !== undefined) return repeated(earlier, asked);
    try {
      const answer = await run();
      await this.#put(place, { request: asked, answer }, KEPT_SECONDS);
      return answer;
    } catch (error) {
      await this.#store.storage.intake.write([{ kind: 'delete', ...place }]).catch(() => undefined);
      throw error;
    }
  }

  async #claim(place: Key, asked: string): Promise<Kept | undefined> {
    try {
      await this.#put(place, { request: asked }, CLAIM_SECONDS, 'absent');
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const item = await this.#store.storage.intake.get(place);
      if (item === undefined) return { request: asked };
      const sealKey = await this.#store.vault.tenantSealKey('intake');
      const bytes = open(sealKey, item.value, this.#aad(place));
      return JSON.parse(Buffer.from(bytes).toString('utf8')) as Kept;
    }
  }

  async #put(place: Key, kept: Kept, seconds: number, expect?: 'absent'): Promise<void> {
    const sealKey = await this.#store.vault.tenantSealKey('intake');
    const value = seal(sealKey, Buffer.from(JSON.stringify(kept)), this.#aad(place), { compress: true });
    await this.#store.storage.intake.write([
      {
        kind: 'put',
        ...place,
        version: 1,
        value,
        expiresAt: Math.floor(Date.now() / 1000) + seconds,
        ...(expect === undefined ? {} : { expect }),
      },
    ]);
  }

  #aad(place: Key): string {
    return `${this.#store.tenant}|idempotency|${place.pk}|1`;
  }
}

function repeated(kept: Kept, asked: string): Answer {
  if (kept.request !== asked) {
    throw new ProblemError(
      422,
      'idempotency-key-reused',
      'This Idempotency-Key came with another request; use a new one.',
    );
  }
  if (kept.answer === undefined) {
    throw new ProblemError(
      409,
      'request-under-way',
      'The first request with this Idempotency-Key is under way.',
      {
        retryAfter: 1,
      },
    );
  }
  return { ...kept.answer, headers: { ...kept.answer.headers, 'idempotency-replayed': 'true' } };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problem.ts';
import { READING_BYTES_MAX, RETRY_AFTER_SECONDS } from './limits.ts';

/** Bodies below this are not counted while they come in: even thousands of connections hold little. */
const COUNTED_BYTES = 16 * 1024;

/** Lets requests in while there is room for their bodies, those on their way in included. */
export class Admission {
  readonly #full: () => boolean;
  #reading = 0;

  /** `full` says that there is no room for more items. */
  constructor(full: () => boolean) {
    this.#full = full;
  }

  /** 429 where the request can't be let in; else books its announced length, or `bytesMax`, until it is over. */
  refuse(request: FastifyRequest, bytesMax: number): ProblemError | undefined {
    if (!this.#full() && this.#reserve(request, bytesMax)) return undefined;
    return new ProblemError(
      429,
      'overloaded',
      `More is arriving than can be stored; send again after ${RETRY_AFTER_SECONDS} s.`,
      { retryAfter: RETRY_AFTER_SECONDS },
    );
  }

  #reserve(request: FastifyRequest, bytesMax: number): boolean {
    const announced = request.headers['content-length'];
    const bytes = announced === undefined ? bytesMax : Number(announced);
    if (!(bytes >= COUNTED_BYTES)) return true;
    if (this.#reading + bytes > READING_BYTES_MAX) return false;
    this.#reading += bytes;
    request.raw.once('close', () => {
      this.#reading -= bytes;
    });
    return true;
  }
}

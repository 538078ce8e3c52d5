import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ProblemError, tooLarge } from './problem.ts';

const inflate = promisify(gunzip);

/**
 * A request's body without its `Content-Encoding`, at most `limitBytes`. Throws `ProblemError`: 400 for gzip that is damaged, 413 for
 * what expands beyond the limit (a bomb is stopped at the limit), 415 for an encoding other than gzip.
 */
export async function expand(
  bytes: Buffer,
  encoding: string | undefined,
  limitBytes: number,
): Promise<Buffer> {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return bytes;
  if (encoding.toLowerCase() !== 'gzip') {
    throw new ProblemError(415, 'unsupported-encoding', 'Content-Encoding must be gzip or absent.');
  }
  try {
    return await inflate(bytes, { maxOutputLength: limitBytes });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes);
    throw new ProblemError(400, 'malformed-gzip', 'The body is said to be gzip and can not be expanded.');
  }
}

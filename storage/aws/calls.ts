import { setTimeout as wait } from 'node:timers/promises';
import { StorageError, StoreUnavailable } from '../errors.ts';

const ATTEMPTS = 8;
const BASE_MS = 25;
const CEILING_MS = 2_000;

/** Names of errors that say "later", beyond those that the SDK marks retryable or that have a 5xx status. */
const LATER = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'Throttling',
  'SlowDown',
  'InternalServerError',
  'InternalError',
  'KMSInternalException',
  'DependencyTimeoutException',
  'TransactionInProgressException',
  'TransactionConflictException',
  'LimitExceededException',
  'ResourceInUseException',
  'OperationAborted',
  'ConditionalRequestConflict',
  'TimeoutError',
  'RequestTimeout',
  'ServiceUnavailable',
]);

/** Thrown inside a call for an answer that is no error to the SDK but must be tried again. */
export class TryAgain extends Error {}

/**
 * Runs a call, trying again what waiting can mend, with exponential backoff and full jitter, and turns what is left
 * into `StoreUnavailable`. Errors of the port pass through. The call may have had its effect in an attempt whose answer
 * was lost: a conditional call must be one for which that is harmless, or its caller reads back.
 */
export async function withRetries<T>(
  what: string,
  attempts: number | undefined,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof StorageError) throw error;
      if (attempt >= (attempts ?? ATTEMPTS) || !canWait(error)) {
        throw new StoreUnavailable(what, { cause: error });
      }
    }
    await wait(Math.random() * Math.min(CEILING_MS, BASE_MS * 2 ** attempt));
  }
}

/** The name of an error of the SDK, such as `ConditionalCheckFailedException`. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** The HTTP status that an error of the SDK came with. */
export function errorStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

function canWait(error: unknown): boolean {
  if (error instanceof TryAgain || LATER.has(errorName(error))) return true;
  const status = errorStatus(error);
  // No status: the connection failed, was reset, or what came back was cut short.
  return status === undefined ? isNetwork(error) : status >= 500 || status === 429 || status < 400;
}

function isNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return 'code' in error || '$metadata' in error || error instanceof SyntaxError;
}

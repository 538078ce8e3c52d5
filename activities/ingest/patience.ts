import { canWait, Interrupted } from './errors.ts';
import { sleep } from './pause.ts';

/** First wait after a failure, in milliseconds; doubles up to `BACKOFF_MAX_MS`. */
const BACKOFF_MIN_MS = 50;
const BACKOFF_MAX_MS = 5_000;

/** How long and for whom to wait. */
export interface Patience {
  /** Fires when waiting must end. */
  readonly signal: AbortSignal;
  /** Told of each failure that is waited for. */
  readonly waiting: (error: unknown) => void;
}

/**
 * Runs a step until it succeeds, waiting while the store can't answer. Other errors pass.
 * Throws `Interrupted` when the signal fires during a wait.
 */
export async function patiently<T>(patience: Patience, step: () => Promise<T>): Promise<T> {
  for (let backoff = BACKOFF_MIN_MS; ; backoff = Math.min(backoff * 2, BACKOFF_MAX_MS)) {
    try {
      return await step();
    } catch (error) {
      if (!canWait(error)) throw error;
      patience.waiting(error);
      await sleep(backoff * (0.5 + Math.random() / 2), patience.signal);
      if (patience.signal.aborted) throw new Interrupted();
    }
  }
}

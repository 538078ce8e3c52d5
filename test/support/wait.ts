import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks until the answer is not undefined and gives it back; a throw counts as "not yet".
 * Throws with `what` and the last reason once `timeoutMs` has passed.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { timeoutMs = 60_000, everyMs = 100 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let reason = 'it never was so';
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    await delay(everyMs);
  }
  throw new Error(`waited ${timeoutMs} ms in vain for ${what}: ${reason}`);
}

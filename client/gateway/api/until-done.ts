import { setTimeout as wait } from 'node:timers/promises';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';

/** How long a caller is kept waiting for a run before it is told to ask for progress instead, in milliseconds. */
const WAIT_MS = 10_000;
const LOOK_MIN_MS = 50;
const LOOK_MAX_MS = 500;

/** The progress of a run that was started, once it is done; undefined where that takes longer than a caller should wait. */
export async function untilDone<P extends { readonly status: string }>(
  runs: Pick<Runs, 'ask'>,
  workflowId: string,
  query: string,
): Promise<P | undefined> {
  const end = performance.now() + WAIT_MS;
  for (let pause = LOOK_MIN_MS; performance.now() < end; pause = Math.min(pause * 1.5, LOOK_MAX_MS)) {
    // The run is started: that nobody answers for it now is no failure of the call.
    const found = await runs.ask<P>(workflowId, query).catch((error: unknown) => {
      if (error instanceof ProblemError) return undefined;
      throw error;
    });
    if (found?.status === 'done') return found;
    await wait(pause);
  }
  return undefined;
}

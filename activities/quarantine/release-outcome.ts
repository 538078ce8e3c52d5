import { CancelledFailure, Context } from '@temporalio/activity';
import { patiently } from '../ingest/patience.ts';
import { sleep } from '../ingest/pause.ts';
import type { QuarantineDeps } from './index.ts';

/** Between looks at whether the pumps are through, in milliseconds. */
const LOOK_MIN_MS = 25;
const LOOK_MAX_MS = 500;

/** Which release. */
export interface ReleaseRunInput {
  readonly tenant: string;
  readonly runId: string;
}

/** Waits until the pumps are through with what a release sent; answers how much of it is in quarantine again. */
export async function releaseOutcomeOf(
  deps: QuarantineDeps,
  { runId }: ReleaseRunInput,
): Promise<{ heldAgain: number }> {
  const { store } = deps;
  const context = Context.current();
  const patience = {
    signal: context.cancellationSignal,
    waiting: () => {
      context.heartbeat();
    },
  };
  const sent = await patiently(patience, () => store.releases.sent(runId));
  for (let wait = LOOK_MIN_MS; ; wait = Math.min(wait * 1.5, LOOK_MAX_MS)) {
    context.heartbeat();
    if ((await patiently(patience, () => store.batches.stillPending(sent))) === 0) break;
    await sleep(wait, context.cancellationSignal);
    if (context.cancellationSignal.aborted) throw new CancelledFailure('the release was cancelled');
  }
  return { heldAgain: await patiently(patience, () => store.quarantine.countOf(sent)) };
}

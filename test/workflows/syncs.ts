import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ApplicationFailure } from '@temporalio/activity';
import type { SyncActivities } from '../../activities/sync/index.ts';
import type { FinishInput } from '../../activities/sync/run.ts';
import type { SyncStep } from '../../activities/sync/step.ts';
import { NO_COUNTS } from '../../domain/sync/types.ts';
import { withWorker } from './worker.ts';

/** A vendor as a test wants it: so many pages of ten records, and what it says before it gives the next. */
export class FakeSyncs {
  pages = 3;
  /** Told before the next pages, one at a time. */
  readonly says: Exclude<SyncStep, { kind: 'read' }>[] = [];
  /** Refuses at this page. */
  refusesAt = Infinity;
  readonly steps: number[] = [];
  readonly finished: FinishInput[] = [];
  /** So many times the store does not answer. */
  failures = 0;

  /** As the worker registers them. */
  get activities(): SyncActivities {
    return {
      beginSync: () => Promise.resolve(),
      stepSync: ({ step }) => {
        if (this.failures > 0) {
          this.failures -= 1;
          return Promise.reject(new Error('the store does not answer'));
        }
        const said = this.says.shift();
        if (said !== undefined) return Promise.resolve(said);
        if (step === this.refusesAt)
          return Promise.reject(ApplicationFailure.nonRetryable('the vendor refuses', 'SyncRefused'));
        this.steps.push(step);
        const pages = step + 1;
        const counts = { ...NO_COUNTS, pages, rows: pages * 10 };
        return Promise.resolve({ kind: 'read', counts, stream: 'Contact', done: pages === this.pages });
      },
      drainSync: () =>
        Promise.resolve({ done: true, counts: { stored: this.pages * 10, duplicates: 0, quarantined: 0 } }),
      finishSync: (input) => {
        this.finished.push(input);
        return Promise.resolve();
      },
    };
  }
}

/** Runs a worker over fake syncs while `body` runs. */
export async function withSyncs<T>(
  environment: TestWorkflowEnvironment,
  fake: FakeSyncs,
  body: () => Promise<T>,
): Promise<T> {
  return withWorker(environment, fake.activities, body);
}

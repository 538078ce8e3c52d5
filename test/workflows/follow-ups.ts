import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { FollowUpActivities } from '../../activities/follow-ups/index.ts';
import { withWorker } from './worker.ts';

/** Records to fetch as a test wants them: `open` are left, two are fetched a step. */
export class FakeFollowUps {
  open = 0;
  steps = 0;
  /** So many of the next steps fail as where the vendor says wait. */
  failures = 0;
  /** Runs in the middle of each step. */
  meanwhile: () => Promise<void> = () => Promise.resolve();

  /** As the worker registers them. */
  get activities(): FollowUpActivities {
    return {
      fetchFollowUps: async () => {
        this.steps += 1;
        if (this.failures > 0) {
          this.failures -= 1;
          throw new Error('the vendor says wait');
        }
        const fetched = Math.min(2, this.open);
        this.open -= fetched;
        const done = this.open === 0;
        await this.meanwhile();
        return { fetched, refused: 0, done };
      },
    };
  }
}

/** Runs a worker over fake follow-ups while `body` runs. */
export async function withFollowUps<T>(
  environment: TestWorkflowEnvironment,
  fake: FakeFollowUps,
  body: () => Promise<T>,
): Promise<T> {
  return withWorker(environment, fake.activities, body);
}

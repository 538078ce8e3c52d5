import { ApplicationFailure } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ResolutionActivities } from '../../activities/resolution/index.ts';
import { withWorker } from './worker.ts';

/** Steps of a resolution as a test wants them, and what was called, in order. */
export class FakeResolutions {
  readonly calls: string[] = [];
  steps = 1;
  /** The step whose commit can't be made, for good. */
  failing = -1;
  /** So many of the next calls of any activity but the first fail as if a worker had died. */
  deaths = 0;

  async #call<T>(name: string, answer: T): Promise<T> {
    this.calls.push(name);
    if (this.deaths > 0) {
      this.deaths -= 1;
      throw new Error('the worker died');
    }
    return Promise.resolve(answer);
  }

  /** As the worker registers them. */
  get activities(): ResolutionActivities {
    return {
      openResolution: () => Promise.resolve({ kind: 'joins', steps: this.steps }),
      prepareResolution: ({ step }) => this.#call(`prepare ${String(step)}`, { items: 0 }),
      commitResolution: async ({ step }) => {
        if (step === this.failing) {
          this.calls.push(`commit ${String(step)}`);
          throw ApplicationFailure.nonRetryable('profile p_1 would be too large', 'profile-too-large');
        }
        return this.#call(`commit ${String(step)}`, { minted: 0, mergedAway: 1 });
      },
      releaseResolution: ({ step }) => this.#call(`release ${String(step)}`, undefined),
      repointResolution: ({ step }) => this.#call(`repoint ${String(step)}`, undefined),
      correctResolution: ({ step }) => this.#call(`correct ${String(step)}`, undefined),
      closeResolution: ({ ended }) => this.#call(`close ${ended.status}`, { profiles: ['p_1'] }),
    };
  }
}

/** Runs a worker over resolutions while `body` runs. */
export async function withResolutions<T>(
  environment: TestWorkflowEnvironment,
  activities: ResolutionActivities,
  body: () => Promise<T>,
): Promise<T> {
  return withWorker(environment, activities, body);
}

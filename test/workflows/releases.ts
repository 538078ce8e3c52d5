import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { QuarantineActivities } from '../../activities/quarantine/index.ts';
import type { ReleaseStepResult } from '../../activities/quarantine/release-step.ts';
import { withWorker } from './worker.ts';

/** Releases that a test drives: each step sends two entries and finds one gone, the last one that is too deep; four come back in the end. */
export class FakeReleases implements QuarantineActivities {
  readonly steps: number[] = [];
  /** So many of the next steps fail as if their worker had died. */
  failures = 0;
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  releaseStep({ step }: { readonly step: number }): Promise<ReleaseStepResult> {
    this.steps.push(step);
    if (this.failures > 0) {
      this.failures -= 1;
      return Promise.reject(new Error('the worker died'));
    }
    const done = step === this.#count - 1;
    return Promise.resolve({ released: 2, gone: 1, ...(done && { tooDeep: 1 }), done });
  }

  releaseOutcome(): Promise<{ heldAgain: number }> {
    return Promise.resolve({ heldAgain: 4 });
  }
}

/** Runs a worker over fake releases while `body` runs. */
export async function withReleases<T>(
  environment: TestWorkflowEnvironment,
  releases: FakeReleases,
  body: () => Promise<T>,
): Promise<T> {
  const activities: QuarantineActivities = {
    releaseStep: (input) => releases.releaseStep(input),
    releaseOutcome: () => releases.releaseOutcome(),
  };
  return withWorker(environment, activities, body);
}

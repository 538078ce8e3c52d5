import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ReplayActivities } from '../../activities/replay/index.ts';
import type { RehearseInput, RehearseResult } from '../../activities/replay/rehearse.ts';
import { withWorker } from './worker.ts';

/** Rehearsals that a test drives: so many slices of ten items in two batches. */
export class FakeRehearsals implements ReplayActivities {
  readonly cursors: (string | undefined)[] = [];
  readonly #slices: number;

  constructor(slices: number) {
    this.#slices = slices;
  }

  rehearseSlice({ slice, cursor }: RehearseInput): Promise<RehearseResult> {
    this.cursors.push(cursor);
    const goesOn = slice < this.#slices - 1;
    return Promise.resolve({ items: 10, batches: 2, ...(goesOn ? { cursor: `batch-${slice}` } : {}) });
  }
}

/** Runs a worker over fake rehearsals while `body` runs. */
export async function withRehearsals<T>(
  environment: TestWorkflowEnvironment,
  rehearsals: FakeRehearsals,
  body: () => Promise<T>,
): Promise<T> {
  const activities: ReplayActivities = { rehearseSlice: (input) => rehearsals.rehearseSlice(input) };
  return withWorker(environment, activities, body);
}

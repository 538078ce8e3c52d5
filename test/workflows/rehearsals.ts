import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { ReplayActivities } from '../../activities/replay/index.ts';
import type { RehearseInput, RehearseResult } from '../../activities/replay/rehearse.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { INGESTION_QUEUE } from '../../workflows/contract/ingestion.ts';

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
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: INGESTION_QUEUE,
    workflowBundle: await workflowBundle(),
    activities,
    ...(environment.namespace === undefined ? {} : { namespace: environment.namespace }),
  });
  return worker.runUntil(body);
}

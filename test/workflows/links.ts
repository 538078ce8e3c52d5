import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { EngineActivities, LinkActivities } from '../../activities/link-records/index.ts';
import type {
  ComputeResult,
  FinishInput,
  WriteInput,
  WritePosition,
} from '../../activities/link-records/types.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { INGESTION_QUEUE } from '../../workflows/contract/ingestion.ts';
import { LINKAGE_QUEUE } from '../../workflows/contract/link-records.ts';

/** Linkage that a test drives: what is computed, what fails, and what was done. */
export class FakeLinks {
  readonly finished: FinishInput[] = [];
  readonly steps: string[] = [];
  dryRun = false;
  refused: ComputeResult['refused'];
  /** So many of the next slices of links fail as if their worker had died. */
  failures = 0;

  #slice(input: WriteInput): WritePosition {
    const part = input.position.part + 1;
    return { part, written: part * 10, done: part === input.parts };
  }

  get linking(): LinkActivities {
    return {
      planLinkRun: ({ runId }) => Promise.resolve({ runId, sources: ['crm', 'erp'], dryRun: this.dryRun }),
      linkSlice: (input) => {
        this.steps.push(`links ${input.position.part}`);
        if (this.failures-- > 0) return Promise.reject(new Error('the worker died'));
        return Promise.resolve(this.#slice(input));
      },
      reviewSlice: (input) => {
        this.steps.push(`reviews ${input.position.part}`);
        return Promise.resolve(this.#slice(input));
      },
      finishLinkRun: (input) => {
        this.finished.push(input);
        return Promise.resolve();
      },
    };
  }

  get engine(): EngineActivities {
    const computed = {
      comparedAt: '2026-01-01T00:00:00.000Z',
      ...{ pairs: 50, clusters: 40, links: 20, reviews: 10, linkParts: 2, reviewParts: 1, model: 'm1' },
    };
    return {
      readRecords: () => Promise.resolve({ fragments: 100, records: 90, parts: 1 }),
      computeLinks: () =>
        Promise.resolve(this.refused === undefined ? computed : { ...computed, refused: this.refused }),
      indexRecords: () => {
        this.steps.push('index');
        return Promise.resolve({ records: 90 });
      },
    };
  }
}

/** Runs workers for both queues over fake linkage while `body` runs. */
export async function withLinks<T>(
  environment: TestWorkflowEnvironment,
  links: FakeLinks,
  body: () => Promise<T>,
): Promise<T> {
  const shared = {
    connection: environment.nativeConnection,
    ...(environment.namespace === undefined ? {} : { namespace: environment.namespace }),
  };
  const engine = await Worker.create({
    ...shared,
    taskQueue: LINKAGE_QUEUE,
    activities: { ...links.engine },
  });
  const workflows = await Worker.create({
    ...shared,
    taskQueue: INGESTION_QUEUE,
    workflowBundle: await workflowBundle(),
    activities: { ...links.linking },
    workflowThreadPoolSize: 1,
  });
  return workflows.runUntil(engine.runUntil(body));
}

import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../../workers/bundle.ts';
import { INGESTION_QUEUE } from '../../workflows/contract/ingestion.ts';

/** Runs a worker with the workflows that ship over these activities while `body` runs. */
export async function withWorker<T>(
  environment: TestWorkflowEnvironment,
  activities: object,
  body: () => Promise<T>,
): Promise<T> {
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: INGESTION_QUEUE,
    workflowBundle: await workflowBundle(),
    activities,
    ...(environment.namespace === undefined ? {} : { namespace: environment.namespace }),
  });
  return worker.runUntil(body);
}

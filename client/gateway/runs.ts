import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApplicationFailure,
  ServiceError,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { Client, WorkflowStartOptions, WorkflowUpdateHandle } from '@temporalio/client';
import type { ImportProgress, ImportRequest } from '../../domain/ingestion/imports.ts';
import { FOLLOW_UPS_WORKFLOW } from '../../workflows/contract/follow-ups.ts';
import {
  IMPORT_FILE_WORKFLOW,
  IMPORT_PROGRESS_QUERY,
  importWorkflowId,
} from '../../workflows/contract/import-file.ts';
import {
  DRAIN_UPDATE,
  INGESTION_WORKFLOW,
  PAUSED,
  PAUSE_UPDATE,
  PROGRESS_QUERY,
  RESUME_UPDATE,
  ingestionWorkflowId,
} from '../../workflows/contract/ingestion.ts';
import type {
  DrainAnswer,
  DrainInput,
  IngestionInput,
  IngestionProgress,
} from '../../workflows/contract/ingestion.ts';
import {
  followUpsOptions,
  importOptions,
  ingestionOptions,
  wakeOptions,
} from '../../workflows/contract/start.ts';
import { Drains } from './drains.ts';
import { ProblemError, unavailable } from './problem.ts';
import { createScheduleRuns, type ScheduleRuns } from './schedules.ts';
import { temporalCalls } from './temporal-calls.ts';

/** How long a caller is kept waiting before it is told to ask again, or for progress instead. */
const STEER_WAIT_MS = 20_000;
/** Until the next run of a workflow that is being continued is asked. */
const NEXT_RUN_MS = 200;
/** How long a worker may take to accept an update. */
const ACCEPT_WAIT_MS = 10_000;
/** Longest wait for an answer of a query; a worker must be there to answer it. */
const QUERY_WAIT_MS = 5_000;

/** How a run ends. */
const ENDED: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);

/** The steering updates of an ingestion. */
export type Steering = 'pause' | 'resume';

const UPDATES = { pause: PAUSE_UPDATE, resume: RESUME_UPDATE } as const;

/** The runs that the gateway starts and asks. */
export interface Runs {
  /** Signals a source's workflow that a lane has work, starting it where it does not run. */
  wake(source: string, lane: number): Promise<void>;
  /** `waiting` where it takes longer than a caller should wait. */
  steer(source: string, what: Steering): Promise<'done' | 'waiting'>;
  /** Undefined once drained; where that takes longer than a caller should wait, the id by which it can go on waiting. */
  drain(source: string, id?: string): Promise<string | undefined>;
  progress(source: string): Promise<IngestionProgress | undefined>;
  startImport(request: ImportRequest): Promise<string>;
  /** Undefined where no run answers. */
  importProgress(request: ImportRequest): Promise<ImportProgress | undefined>;
  /** Whether a run has ended, however it did; false where there is none. */
  isOver(workflowId: string): Promise<boolean>;
  /** Starts a run; answers its workflow's id. */
  start(workflow: string, options: WorkflowStartOptions & { readonly workflowId: string }): Promise<string>;
  /** Signals a run; false where none is running. */
  signal(workflowId: string, signal: string): Promise<boolean>;
  /** What a run's query answers; undefined where there is no such run. */
  ask<T>(workflowId: string, query: string): Promise<T | undefined>;
  /** Has the records fetched that a source's webhooks brought references of. Rejects while Temporal does not answer. */
  followUp(source: string): Promise<void>;
  /** Schedules as Temporal has them. */
  readonly schedules: ScheduleRuns;
  /** Throws where Temporal does not answer. */
  check(): Promise<void>;
}

/** Starts and asks the tenant's runs. Where Temporal is away its calls throw `ProblemError` 503; `wake` rejects. */
export function createRuns(tenant: string, client: Client): Runs {
  const calls = temporalCalls(client.connection);
  const drains = new Drains((source) => orUnavailable(calls.run(() => drain(client, tenant, source))));
  return {
    async wake(source, lane) {
      await calls.run(() =>
        client.workflow.signalWithStart(INGESTION_WORKFLOW, wakeOptions(tenant, source, lane)),
      );
    },
    async followUp(source) {
      await calls.run(() =>
        client.workflow.signalWithStart(FOLLOW_UPS_WORKFLOW, followUpsOptions(tenant, source)),
      );
    },
    steer: (source, what) => orUnavailable(calls.run(() => steer(client, tenant, source, what))),
    drain: (source, id) => drains.wait(source, id, STEER_WAIT_MS),
    progress: (source) =>
      orUnavailable(
        calls.run(() =>
          query<IngestionProgress>(client, ingestionWorkflowId(tenant, source), PROGRESS_QUERY),
        ),
      ),
    async startImport(request) {
      const { source, importId } = request;
      const options = importOptions({ tenant, source, importId });
      await orUnavailable(calls.run(() => client.workflow.start(IMPORT_FILE_WORKFLOW, options)));
      return options.workflowId;
    },
    importProgress: ({ source, importId }) =>
      orUnavailable(
        calls.run(() =>
          query<ImportProgress>(client, importWorkflowId(tenant, source, importId), IMPORT_PROGRESS_QUERY),
        ),
      ),
    isOver: (workflowId) => orUnavailable(calls.run(() => isOver(client, workflowId))),
    async start(workflow, options) {
      try {
        await orUnavailable(calls.run(() => client.workflow.start(workflow, options)));
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        throw new ProblemError(409, 'already-running', 'A run of this kind is under way; wait for its end.');
      }
      return options.workflowId;
    },
    signal: (workflowId, name) => orUnavailable(calls.run(() => signal(client, workflowId, name))),
    ask: <T>(workflowId: string, name: string) =>
      orUnavailable(calls.run(() => query<T>(client, workflowId, name))),
    schedules: createScheduleRuns(tenant, client, calls),
    async check() {
      await calls.run(() =>
        client.connection.withDeadline(Date.now() + QUERY_WAIT_MS, () =>
          client.workflowService.describeNamespace({ namespace: client.options.namespace }),
        ),
      );
    },
  };
}

/** Asks a source's workflow, starting it where it does not run; answers once it accepted. */
function startUpdate<R>(
  client: Client,
  tenant: string,
  source: string,
  update: string,
  ...args: unknown[]
): Promise<WorkflowUpdateHandle<R>> {
  const startWorkflowOperation = new WithStartWorkflowOperation(INGESTION_WORKFLOW, {
    ...ingestionOptions(tenant, source),
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  return client.connection.withDeadline(Date.now() + ACCEPT_WAIT_MS, () =>
    client.workflow.startUpdateWithStart<(input: IngestionInput) => Promise<void>, R, unknown[]>(update, {
      startWorkflowOperation,
      waitForStage: 'ACCEPTED',
      args,
    }),
  );
}

/** Drains a source, through as many runs of its workflow as that takes. Throws `ProblemError` 409 where it is paused. */
async function drain(client: Client, tenant: string, source: string): Promise<void> {
  try {
    for (let asked: DrainInput = {}; ;) {
      const handle = await startUpdate<DrainAnswer>(client, tenant, source, DRAIN_UPDATE, asked);
      const { next } = await handle.result();
      if (next === undefined) return;
      asked = next;
      await sleep(NEXT_RUN_MS);
    }
  } catch (error) {
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure) || cause.type !== PAUSED) throw error;
    throw new ProblemError(409, 'source-paused', 'The source is paused; resume it, then drain.', {
      cause: error,
    });
  }
}

async function steer(
  client: Client,
  tenant: string,
  source: string,
  what: Steering,
): Promise<'done' | 'waiting'> {
  const handle = await startUpdate(client, tenant, source, UPDATES[what]);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<'waiting'>((resolve) => {
    timer = setTimeout(resolve, STEER_WAIT_MS, 'waiting');
  });
  const result = handle.result().then(() => 'done' as const);
  try {
    return await Promise.race([result, patience]);
  } finally {
    clearTimeout(timer);
    // It goes on without us; its failure is the workflow's to tell.
    result.catch(() => undefined);
  }
}

async function signal(client: Client, workflowId: string, name: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).signal(name);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function isOver(client: Client, workflowId: string): Promise<boolean> {
  try {
    const { status } = await client.connection.withDeadline(Date.now() + QUERY_WAIT_MS, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    return ENDED.has(status.name);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function query<T>(client: Client, workflowId: string, name: string): Promise<T | undefined> {
  try {
    return await client.connection.withDeadline(Date.now() + QUERY_WAIT_MS, () =>
      client.workflow.getHandle(workflowId).query<T>(name),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function orUnavailable<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof ServiceError || error instanceof WorkflowUpdateRPCTimeoutOrCancelledError))
      throw error;
    throw unavailable(error);
  }
}

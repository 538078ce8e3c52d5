import { Context } from '@temporalio/activity';
import { finishRun } from './finish.ts';
import { planRun } from './plan.ts';
import { runEngine } from './engine/host.ts';
import type { EngineTask } from './engine/protocol.ts';
import type {
  ComputeResult,
  FinishInput,
  LinkDeps,
  LinkInput,
  LinkPlan,
  ReadResult,
  WriteInput,
  WritePosition,
} from './types.ts';
import { linkSlice, reviewSlice } from './write.ts';

/** Between heartbeats while the engine works, in milliseconds. */
const HEARTBEAT_MS = 2_000;

/** Activities of the `linkRecords` workflow that write. Their names are a wire contract. */
export interface LinkActivities {
  planLinkRun(input: LinkInput): Promise<LinkPlan>;
  linkSlice(input: WriteInput): Promise<WritePosition>;
  reviewSlice(input: WriteInput): Promise<WritePosition>;
  finishLinkRun(input: FinishInput): Promise<void>;
}

/** Those that run the engine, on a queue of their own. */
export interface EngineActivities {
  readRecords(input: LinkInput): Promise<ReadResult>;
  computeLinks(input: LinkInput): Promise<ComputeResult>;
  indexRecords(input: LinkInput): Promise<{ readonly records: number }>;
}

/** Closes the activities that write over what they work with. */
export function createLinkActivities({ store }: Pick<LinkDeps, 'store'>): LinkActivities {
  return {
    planLinkRun: (input) => planRun(store, input),
    linkSlice: (input) => linkSlice(store, input),
    reviewSlice: (input) => reviewSlice(store, input),
    finishLinkRun: (input) => finishRun(store, input),
  };
}

/** Closes the activities that run the engine over what it needs to open the tenant by itself. */
export function createEngineActivities({ storage }: Pick<LinkDeps, 'storage'>): EngineActivities {
  const run = async (task: EngineTask, { tenant, runId }: LinkInput): Promise<unknown> => {
    const context = Context.current();
    // Training holds the engine's own loop for many seconds: that its process lives is what is told here.
    const beat = setInterval(() => {
      context.heartbeat();
    }, HEARTBEAT_MS);
    try {
      return await runEngine(
        { task, tenant, runId, storage },
        {
          signal: context.cancellationSignal,
          beat: () => {
            context.heartbeat();
          },
        },
      );
    } finally {
      clearInterval(beat);
    }
  };
  return {
    readRecords: async (input) => (await run('read', input)) as ReadResult,
    computeLinks: async (input) => (await run('compute', input)) as ComputeResult,
    indexRecords: async (input) => (await run('index', input)) as { records: number },
  };
}

import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { Platform } from '../../test/support/platform.ts';
import { heartbeats } from './counters.ts';

const { EventType } = proto.temporal.api.enums.v1;

/** Far more runs than a benchmark starts. */
const RUNS_MAX = 1_000;

/** Events of a history that Temporal Cloud bills as an action. */
const ACTIONS = new Set<number>([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
  EventType.EVENT_TYPE_TIMER_STARTED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
  EventType.EVENT_TYPE_MARKER_RECORDED,
  EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
  EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
]);

/** Actions and bytes of history since the platform's start, over all workflows of the tenant. */
export interface TemporalUse {
  readonly actions: number;
  readonly historyBytes: number;
}

/** Runs `work` with a client of the platform's Temporal. */
export async function withTemporal<T>(platform: Platform, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: `127.0.0.1:${platform.temporalPort}` });
  try {
    return await work(new Client({ connection, namespace: platform.tokens.tenant }));
  } finally {
    await connection.close();
  }
}

/** Reads every history of the tenant and counts what would be billed; heartbeats come from the SDK's metrics. */
export async function temporalUse(platform: Platform): Promise<TemporalUse> {
  const beats = await heartbeats(platform);
  return withTemporal(platform, async (client) => {
    let [actions, historyBytes] = [beats, 0];
    // By the service itself: the client would decode memos, which are encrypted under the tenant's key.
    const { executions } = await client.workflowService.listWorkflowExecutions({
      ...{ namespace: platform.tokens.tenant, pageSize: RUNS_MAX },
    });
    for (const { execution, historySizeBytes } of executions) {
      historyBytes += Number(historySizeBytes ?? 0);
      const { workflowId, runId } = execution ?? {};
      if (workflowId == null || runId == null) continue;
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      for (const event of history.events ?? []) if (ACTIONS.has(event.eventType ?? 0)) actions += 1;
    }
    return { actions, historyBytes };
  });
}

/** Pauses or resumes the ingestion of a source, so that acceptance can be measured alone. */
export async function steer(platform: Platform, source: string, update: 'pause' | 'resume'): Promise<void> {
  await withTemporal(platform, (client) =>
    client.workflow
      .getHandle(`ingestion/${platform.tokens.tenant}/${source}`)
      // The answer is encrypted under the tenant's key, which is not ours to read; that it was taken in is enough.
      .startUpdate(update, { waitForStage: 'ACCEPTED' }),
  );
}

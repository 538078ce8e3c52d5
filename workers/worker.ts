import type { DataConverter } from '@temporalio/common';
import { Worker, type NativeConnection, type WorkflowBundle } from '@temporalio/worker';
import { createFollowUpActivities } from '../activities/follow-ups/index.ts';
import { createImportActivities } from '../activities/import/index.ts';
import { createFolderActivities } from '../activities/import-folder/index.ts';
import type { ImportDeps } from '../activities/import/types.ts';
import { createIngestActivities } from '../activities/ingest/index.ts';
import { createQuarantineActivities } from '../activities/quarantine/index.ts';
import type { PumpInput, PumpLane } from '../activities/ingest/pump.ts';
import type { IngestDeps } from '../activities/ingest/types.ts';
import { createReplayActivities } from '../activities/replay/index.ts';
import { createResolutionActivities } from '../activities/resolution/index.ts';
import type { ResolutionDeps } from '../activities/resolution/types.ts';
import { createEngineActivities, createLinkActivities } from '../activities/link-records/index.ts';
import { createSyncActivities } from '../activities/sync/index.ts';
import type { SyncDeps } from '../activities/sync/types.ts';
import type { LinkDeps } from '../activities/link-records/types.ts';
import { createReplayMappingActivities } from '../activities/replay-mapping/index.ts';
import { createRuleReplayActivities } from '../activities/replay-rules/index.ts';
import type { ReplayDeps } from '../activities/replay-rules/types.ts';
import { INGESTION_PUMP_QUEUE, INGESTION_QUEUE } from '../workflows/contract/ingestion.ts';
import { LINKAGE_QUEUE } from '../workflows/contract/link-records.ts';

/** Workflows kept in memory; each is a few hundred KB. One per source and a few imports. */
const CACHED_WORKFLOWS_MAX = 100;
/** Pumps at once in this process; they share a few threads, so more lanes than this wait for one to end. */
const PUMPS_MAX = 64;
const ACTIVITIES_MAX = 20;
/** Processes of the linkage engine at once: each may take as much memory as all else together. */
const ENGINES_MAX = 1;
/** Time for activities to finish their unit at a shutdown; the stack waits a little longer before it kills. */
const SHUTDOWN_GRACE = '8 seconds';
/** How soon a pump hears that it is cancelled. */
const HEARTBEAT_THROTTLE = '2 seconds';

/** What workers are made of. */
export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly bundle: WorkflowBundle;
  readonly dataConverter?: DataConverter;
  readonly ingest: IngestDeps;
  readonly pump: PumpLane;
  readonly imports: ImportDeps;
  readonly resolutions: ResolutionDeps;
  readonly syncs: SyncDeps;
  readonly linkage: LinkDeps;
  readonly replays: ReplayDeps;
}

/** Joins activities of several capabilities; a name that two of them claim is a mistake that a spread would hide. */
export function joinActivities(...groups: readonly object[]): Record<string, unknown> {
  const joined: Record<string, unknown> = {};
  for (const group of groups) {
    for (const [name, activity] of Object.entries(group)) {
      if (Object.hasOwn(joined, name)) throw new TypeError(`two activities are called ${name}`);
      joined[name] = activity as unknown;
    }
  }
  return joined;
}

/**
 * The workers of the process: one for workflows and short activities; one for pumps, which hold a slot for a minute
 * each and must not keep the others waiting; one for what runs the linkage engine.
 */
export async function createWorkers(parts: WorkerParts): Promise<Worker[]> {
  const { connection, namespace, bundle } = parts;
  const ingest = createIngestActivities(parts.ingest, parts.pump);
  const shared = {
    connection,
    namespace,
    shutdownGraceTime: SHUTDOWN_GRACE,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    ...(parts.dataConverter === undefined ? {} : { dataConverter: parts.dataConverter }),
  };
  return Promise.all([
    Worker.create({
      ...shared,
      taskQueue: INGESTION_QUEUE,
      workflowBundle: bundle,
      activities: joinActivities(
        ingest,
        createImportActivities(parts.imports),
        createFolderActivities(parts.imports),
        createFollowUpActivities(parts.imports),
        createSyncActivities(parts.syncs),
        createQuarantineActivities(parts.imports),
        createReplayActivities(parts.imports),
        createResolutionActivities(parts.resolutions),
        createLinkActivities(parts.linkage),
        createRuleReplayActivities(parts.replays),
        createReplayMappingActivities(parts.replays),
      ),
      maxCachedWorkflows: CACHED_WORKFLOWS_MAX,
      workflowThreadPoolSize: 1,
      maxConcurrentWorkflowTaskExecutions: 10,
      maxConcurrentActivityTaskExecutions: ACTIVITIES_MAX,
      maxConcurrentLocalActivityExecutions: ACTIVITIES_MAX,
    }),
    Worker.create({
      ...shared,
      taskQueue: INGESTION_PUMP_QUEUE,
      activities: joinActivities({ pump: (input: PumpInput) => ingest.pump(input) }),
      maxConcurrentActivityTaskExecutions: PUMPS_MAX,
    }),
    Worker.create({
      ...shared,
      taskQueue: LINKAGE_QUEUE,
      activities: joinActivities(createEngineActivities(parts.linkage)),
      maxConcurrentActivityTaskExecutions: ENGINES_MAX,
    }),
  ]);
}

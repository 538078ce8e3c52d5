import type { WorkflowSignalWithStartOptions, WorkflowStartOptions } from '@temporalio/client';
import { FOLLOW_UPS_SIGNAL, followUpsWorkflowId, type FollowUpsInput } from './follow-ups.ts';
import { importWorkflowId, type ImportFileInput } from './import-file.ts';
import { folderWorkflowId, type ImportFolderInput } from './import-folder.ts';
import { linkWorkflowId, type LinkRecordsInput } from './link-records.ts';
import {
  INGESTION_QUEUE,
  WAKE_SIGNAL,
  ingestionWorkflowId,
  type IngestionInput,
  type WakeInput,
} from './ingestion.ts';
import { rehearsalWorkflowId, type RehearseMappingInput } from './rehearse-mapping.ts';
import { releaseWorkflowId, type ReleaseQuarantineInput } from './release-quarantine.ts';
import { resolutionWorkflowId, type ResolutionInput } from './resolution.ts';
import { replayMappingWorkflowId, type ReplayMappingInput } from './replay-mapping.ts';
import { replayWorkflowId, type ReplayInput } from './replay-rules.ts';
import { syncWorkflowId, type SyncSourceInput } from './sync-source.ts';
import { startAttributes } from './search-attributes.ts';

/**
 * How anybody wakes a lane: `client.workflow.signalWithStart(INGESTION_WORKFLOW, wakeOptions(tenant, source, lane))`.
 * Starts the source's workflow where it is not running.
 */
export function wakeOptions(
  tenant: string,
  source: string,
  lane: number,
): WorkflowSignalWithStartOptions<[WakeInput]> & { args: [IngestionInput] } {
  return { ...ingestionOptions(tenant, source), signal: WAKE_SIGNAL, signalArgs: [{ lane }] };
}

/** How a source's ingestion workflow is started: `client.workflow.start(INGESTION_WORKFLOW, ingestionOptions(...))`. */
export function ingestionOptions(
  tenant: string,
  source: string,
): WorkflowStartOptions & { args: [IngestionInput] } {
  return {
    taskQueue: INGESTION_QUEUE,
    workflowId: ingestionWorkflowId(tenant, source),
    args: [{ tenant, source }],
    typedSearchAttributes: startAttributes({ tenant, source, capability: 'ingestion', stage: 'running' }),
    staticSummary: `Ingestion of ${source}`,
    memo: { about: 'Keeps one pump per lane running; pause, resume and drain by update, progress by query.' },
  };
}

/** What a run is found and described by. */
type StartDetails = Pick<WorkflowStartOptions, 'typedSearchAttributes' | 'staticSummary'>;

/** How an import is started, once its request is kept by the import store. */
export function importOptions(
  input: ImportFileInput,
): WorkflowStartOptions & { workflowId: string; args: [ImportFileInput] } & Required<StartDetails> {
  return {
    taskQueue: INGESTION_QUEUE,
    workflowId: importWorkflowId(input.tenant, input.source, input.importId),
    args: [input],
    typedSearchAttributes: startAttributes({
      tenant: input.tenant,
      source: input.source,
      capability: 'import',
      stage: 'reading',
    }),
    staticSummary: `Import into ${input.source}`,
  };
}

/** How an import of a folder is started, once its request is kept by the import store. */
export function folderOptions(
  input: ImportFolderInput & { readonly folderId: string },
): WorkflowStartOptions & { workflowId: string; args: [ImportFolderInput] } {
  const { tenant, source, folderId } = input;
  return {
    taskQueue: INGESTION_QUEUE,
    workflowId: folderWorkflowId(tenant, source, folderId),
    args: [input],
    typedSearchAttributes: startAttributes({ tenant, source, capability: 'import', stage: 'listing' }),
    staticSummary: `Import of a folder into ${source}`,
  };
}

/** How a release of many is started, once its request is kept by the store of releases. */
export function releaseOptions(
  input: ReleaseQuarantineInput,
): WorkflowStartOptions & { workflowId: string; args: [ReleaseQuarantineInput] } {
  return {
    taskQueue: INGESTION_QUEUE,
    workflowId: releaseWorkflowId(input.tenant, input.runId),
    args: [input],
    typedSearchAttributes: startAttributes({
      tenant: input.tenant,
      capability: 'release',
      stage: 'releasing',
    }),
    staticSummary: 'Release from quarantine',
  };
}

/** How a resolution is started, once its request is kept by the store of resolutions. */
export function resolutionOptions(
  tenant: string,
  resolutionId: string,
): WorkflowStartOptions & { workflowId: string; args: [ResolutionInput] } {
  return {
    taskQueue: INGESTION_QUEUE,
    workflowId: resolutionWorkflowId(tenant, resolutionId),
    args: [{ tenant, resolutionId }],
    typedSearchAttributes: startAttributes({ tenant, capability: 'resolution', stage: 'opening' }),
    staticSummary: 'Resolution',
  };
}

/** How a linkage run is started, once its request is kept by the run store. */
export function linkOptions(
  input: LinkRecordsInput,
  sources: readonly string[],
): WorkflowStartOptions & { workflowId: string; args: [LinkRecordsInput] } {
  return {
    taskQueue: INGESTION_QUEUE,
    workflowId: linkWorkflowId(input.tenant, input.runId),
    args: [input],
    typedSearchAttributes: startAttributes({
      tenant: input.tenant,
      source: sources.join(','),
      capability: 'linkage',
      stage: 'reading',
    }),
    staticSummary: `Linkage of ${sources.join(', ')}`,
  };
}

/** How a rehearsal of a mapping is started. */
export function rehearsalOptions(
  input: RehearseMappingInput,
): WorkflowStartOptions & { workflowId: string; args: [RehearseMappingInput] } {
  const { tenant, source, runId } = input;
  return {
    taskQueue: INGESTION_QUEUE,
    workflowId: rehearsalWorkflowId(tenant, source, runId),
    args: [input],
    typedSearchAttributes: startAttributes({ tenant, source, capability: 'replay', stage: 'reading' }),
    staticSummary: `Rehearsal of ${input.after} on ${source}`,
  };
}

/** How a replay of stored items is started, once its request is kept by the store of mapping replays. */
export function replayMappingOptions(
  input: ReplayMappingInput,
): WorkflowStartOptions & { workflowId: string; args: [ReplayMappingInput] } {
  const { tenant, source } = input;
  return {
    taskQueue: INGESTION_QUEUE,
    workflowId: replayMappingWorkflowId(tenant, source),
    args: [input],
    typedSearchAttributes: startAttributes({ tenant, source, capability: 'replay', stage: 'planning' }),
    staticSummary: `Replay of ${source}`,
  };
}

/** How anybody has a source's records fetched: `client.workflow.signalWithStart(FOLLOW_UPS_WORKFLOW, followUpsOptions(...))`. */
export function followUpsOptions(
  tenant: string,
  source: string,
): WorkflowSignalWithStartOptions & { args: [FollowUpsInput] } {
  return {
    taskQueue: INGESTION_QUEUE,
    workflowId: followUpsWorkflowId(tenant, source),
    args: [{ tenant, source }],
    signal: FOLLOW_UPS_SIGNAL,
    signalArgs: [],
    typedSearchAttributes: startAttributes({ tenant, source, capability: 'follow-up', stage: 'fetching' }),
    staticSummary: `Follow-up of ${source}`,
  };
}

/** How a source is synced once, outside of its schedules. */
export function syncOptions(
  tenant: string,
  source: string,
): WorkflowStartOptions & { workflowId: string; args: [SyncSourceInput] } {
  return {
    taskQueue: INGESTION_QUEUE,
    workflowId: syncWorkflowId(tenant, source),
    args: [{ tenant, source }],
    typedSearchAttributes: startAttributes({ tenant, source, capability: 'sync', stage: 'reading' }),
    staticSummary: `Sync of ${source}`,
  };
}

/** How a step of a run of rules over history is started, once the run is kept by the store of simulations. */
export function replayOptions(
  input: ReplayInput,
): WorkflowStartOptions & { workflowId: string; args: [ReplayInput] } {
  const { tenant, simulationId, step } = input;
  return {
    taskQueue: INGESTION_QUEUE,
    workflowId: replayWorkflowId(tenant, simulationId, step),
    args: [input],
    typedSearchAttributes: startAttributes({ tenant, capability: 'replay-rules', stage: 'reading' }),
    staticSummary: `Rules on history: ${step}`,
  };
}

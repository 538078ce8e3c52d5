import type { ScheduleOptions, ScheduleOverlapPolicy, ScheduleSpec } from '@temporalio/client';
import { durationMs } from '../../domain/duration.ts';
import {
  scheduleRef,
  type OverlapPolicy,
  type Schedule,
  type ScheduleAction,
  type ScheduleTiming,
} from '../../domain/schedules/types.ts';
import { folderWorkflowId, IMPORT_FOLDER_WORKFLOW, type ImportFolderInput } from './import-folder.ts';
import { INGESTION_QUEUE } from './ingestion.ts';
import { startAttributes } from './search-attributes.ts';
import { SYNC_SOURCE_WORKFLOW, syncWorkflowId, type SyncSourceInput } from './sync-source.ts';

/** `schedule/<tenant>/<source>/<name>`. */
export function scheduleId(tenant: string, which: Pick<Schedule, 'source' | 'name'>): string {
  return `schedule/${tenant}/${scheduleRef(which)}`;
}

/** The run that an action starts. Temporal adds the time that it was due to the workflow's id. */
interface ScheduledRun {
  readonly workflowType: string;
  readonly workflowId: string;
  readonly args: readonly unknown[];
  readonly capability: string;
  readonly stage: string;
  readonly summary: string;
}

type Runs = {
  readonly [Kind in ScheduleAction['kind']]: (
    run: Pick<Schedule, 'source' | 'name'> & { readonly tenant: string },
    action: Extract<ScheduleAction, { readonly kind: Kind }>,
  ) => ScheduledRun;
};

/** Every kind of action and what it starts. */
const RUNS: Runs = {
  sync: ({ tenant, source }) => ({
    workflowType: SYNC_SOURCE_WORKFLOW,
    workflowId: syncWorkflowId(tenant, source),
    args: [{ tenant, source } satisfies SyncSourceInput],
    capability: 'sync',
    stage: 'reading',
    summary: `Sync of ${source}`,
  }),
  import: ({ tenant, source, name }) => ({
    workflowType: IMPORT_FOLDER_WORKFLOW,
    workflowId: folderWorkflowId(tenant, source, name),
    args: [{ tenant, source, schedule: name } satisfies ImportFolderInput],
    capability: 'import',
    stage: 'listing',
    summary: `Import of a folder into ${source}`,
  }),
};

function runOf(which: Parameters<Runs['sync']>[0], action: ScheduleAction): ScheduledRun {
  switch (action.kind) {
    case 'sync':
      return RUNS.sync(which, action);
    case 'import':
      return RUNS.import(which, action);
    default:
      return action satisfies never;
  }
}

const OVERLAP: Readonly<Record<OverlapPolicy, ScheduleOverlapPolicy>> = {
  skip: 'SKIP',
  'buffer-one': 'BUFFER_ONE',
  'buffer-all': 'BUFFER_ALL',
  'cancel-other': 'CANCEL_OTHER',
  'terminate-other': 'TERMINATE_OTHER',
  'allow-all': 'ALLOW_ALL',
};

/** The policy as Temporal has it. */
export function temporalOverlap(policy: OverlapPolicy): ScheduleOverlapPolicy {
  return OVERLAP[policy];
}

function specOf({ every, offset, cron, timeZone, jitter }: ScheduleTiming): ScheduleSpec {
  const ms = (duration: string): number => durationMs(duration) ?? 0;
  return {
    ...(every === undefined
      ? {}
      : { intervals: [{ every: ms(every), ...(offset === undefined ? {} : { offset: ms(offset) }) }] }),
    ...(cron === undefined ? {} : { cronExpressions: [...cron] }),
    timezone: timeZone,
    ...(jitter === undefined ? {} : { jitter: ms(jitter) }),
  };
}

function actionOf(tenant: string, schedule: Schedule): ScheduleOptions['action'] {
  const { source, name, action, version } = schedule;
  const { args, capability, stage, summary, ...run } = runOf({ tenant, source, name }, action);
  return {
    type: 'startWorkflow',
    ...run,
    taskQueue: INGESTION_QUEUE,
    args: [...args],
    typedSearchAttributes: startAttributes({ tenant, source, capability, stage }),
    staticSummary: summary,
    memo: { schedule: scheduleRef(schedule), version },
  };
}

/** The schedule as Temporal is told of it. Its version rides in the memo of what it starts. */
export function scheduleOptions(tenant: string, schedule: Schedule): ScheduleOptions {
  const { timing, overlap, catchupWindow, paused, note } = schedule;
  return {
    scheduleId: scheduleId(tenant, schedule),
    spec: specOf(timing),
    action: actionOf(tenant, schedule),
    policies: { overlap: temporalOverlap(overlap), catchupWindow: durationMs(catchupWindow) ?? 0 },
    state: { paused, ...(note === undefined ? {} : { note }) },
  };
}

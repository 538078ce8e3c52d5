import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { ImportActivities } from '../../activities/import/index.ts';
import type { FolderActivities } from '../../activities/import-folder/index.ts';
import type { ReplayActivities } from '../../activities/replay-rules/index.ts';
import { REPLAY_MAPPING_WORKFLOW } from '../../workflows/contract/replay-mapping.ts';
import { REPLAY_RULES_WORKFLOW, type ReplayProgress } from '../../workflows/contract/replay-rules.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { FOLLOW_UPS_WORKFLOW } from '../../workflows/contract/follow-ups.ts';
import { IMPORT_FOLDER_WORKFLOW, type FolderProgress } from '../../workflows/contract/import-folder.ts';
import { IMPORT_FILE_WORKFLOW } from '../../workflows/contract/import-file.ts';
import {
  DRAIN_UPDATE,
  INGESTION_QUEUE,
  INGESTION_WORKFLOW,
  PAUSE_UPDATE,
  PROGRESS_QUERY,
  RESUME_UPDATE,
  type IngestionProgress,
} from '../../workflows/contract/ingestion.ts';
import { REHEARSE_MAPPING_WORKFLOW } from '../../workflows/contract/rehearse-mapping.ts';
import { RELEASE_QUARANTINE_WORKFLOW } from '../../workflows/contract/release-quarantine.ts';
import { RESOLUTION_WORKFLOW } from '../../workflows/contract/resolution.ts';
import {
  folderOptions,
  followUpsOptions,
  importOptions,
  linkOptions,
  rehearsalOptions,
  releaseOptions,
  replayMappingOptions,
  replayOptions,
  resolutionOptions,
  syncOptions,
  wakeOptions,
} from '../../workflows/contract/start.ts';
import { SYNC_SOURCE_WORKFLOW } from '../../workflows/contract/sync-source.ts';
import { LINK_RECORDS_WORKFLOW } from '../../workflows/contract/link-records.ts';
import { realServer } from '../support/temporal.ts';
import { FakeLinks, withLinks } from '../workflows/links.ts';
import { FakeFollowUps, withFollowUps } from '../workflows/follow-ups.ts';
import { FakePumps, withWorkers } from '../workflows/pumps.ts';
import { FakeResolutions, withResolutions } from '../workflows/resolutions.ts';
import { FakeRehearsals, withRehearsals } from '../workflows/rehearsals.ts';
import { FakeMappingReplays, withMappingReplays } from '../workflows/mapping-replays.ts';
import { FakeReleases, withReleases } from '../workflows/releases.ts';
import { FakeSyncs, withSyncs } from '../workflows/syncs.ts';

/**
 * Records histories of real runs, to be committed when a workflow is new or has changed on purpose:
 * `node --import tsx test/replay/record.ts [workflow...]`. Existing files of older code stay; remove one only with the code it needs.
 */
async function save(handle: WorkflowHandle, name: string): Promise<void> {
  const path = fileURLToPath(new URL(`./histories/${name}.json`, import.meta.url));
  // Stack traces of failures name the folder that this ran in, which says nothing to a replay.
  const history = historyToJSON(await handle.fetchHistory()).replaceAll(`${process.cwd()}/`, '');
  await writeFile(path, `${history}\n`);
  process.stdout.write(`${path}\n`);
}

async function ingestion(environment: TestWorkflowEnvironment): Promise<void> {
  const pumps = new FakePumps();
  await withWorkers(environment, pumps, async () => {
    pumps.pending.set(0, 3);
    pumps.failures = 1;
    const handle = await environment.client.workflow.signalWithStart(
      INGESTION_WORKFLOW,
      wakeOptions('test', 'recorded', 0),
    );
    const settled = async (items: number): Promise<void> => {
      for (;;) {
        const { totals, pumping } = await handle.query<IngestionProgress>(PROGRESS_QUERY);
        if (totals.items >= items && pumping.length === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    await settled(3);
    pumps.endless = true;
    await environment.client.workflow.signalWithStart(INGESTION_WORKFLOW, wakeOptions('test', 'recorded', 0));
    while (pumps.runs.length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    await handle.executeUpdate(PAUSE_UPDATE);
    pumps.endless = false;
    pumps.pending.set(0, 2).set(1, 4);
    await environment.client.workflow.signalWithStart(INGESTION_WORKFLOW, wakeOptions('test', 'recorded', 1));
    await handle.executeUpdate(RESUME_UPDATE);
    await settled(9);
    pumps.pending.set(2, 1);
    await handle.executeUpdate(DRAIN_UPDATE);
    await settled(10);
    await handle.terminate();
    await save(handle, 'ingestion-drained');
  });
}

/** Imports of a file that is not there: positions and counts as the activities would answer them. */
function fakeImports(fails: boolean): ImportActivities {
  const start = { byte: 10, row: 0, chunk: 0, done: false };
  return {
    prepareImport: () =>
      Promise.resolve({
        digest: 'digest',
        bytesTotal: 100,
        modifiedMs: 0,
        format: 'csv',
        encoding: 'utf8',
        delimiter: ',',
        lanes: 2,
        spreadBy: ['customer_id'],
        mapping: 'cdnow-receipts@1',
        dryRun: false,
        requestedAt: '2026-01-01T00:00:00.000Z',
        start,
      }),
    readSlice: ({ position }) =>
      Promise.resolve(
        position.chunk === 0
          ? { byte: 50, row: 5, chunk: 1, done: false }
          : { byte: 100, row: 9, chunk: 2, done: true },
      ),
    drainSlice: () =>
      fails
        ? Promise.reject(new RangeError('tried again'))
        : Promise.resolve({ done: true, counts: { stored: 8, duplicates: 1, quarantined: 0 } }),
    finishImport: () => Promise.resolve(),
  };
}

async function importFile(environment: TestWorkflowEnvironment): Promise<void> {
  const imports = fakeImports(false);
  let drains = 0;
  const activities: ImportActivities = {
    ...imports,
    drainSlice: (input) => {
      drains += 1;
      return (drains === 1 ? fakeImports(true) : imports).drainSlice(input);
    },
  };
  await withActivities(environment, activities, async () => {
    const input = { tenant: 'test', source: 'recorded', importId: 'i1' };
    const handle = await environment.client.workflow.start(IMPORT_FILE_WORKFLOW, importOptions(input));
    await handle.result();
    await save(handle, 'importFile-done');
  });
}

/** Runs a step while a worker serves activities on the ingestion queue. */
async function withActivities(
  environment: TestWorkflowEnvironment,
  activities: object,
  step: () => Promise<void>,
): Promise<void> {
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: INGESTION_QUEUE,
    workflowBundle: await workflowBundle(),
    activities,
    ...(environment.namespace === undefined ? {} : { namespace: environment.namespace }),
  });
  await worker.runUntil(step);
}

/** A folder of one page, of whose three files one can't be imported. */
async function importFolder(environment: TestWorkflowEnvironment): Promise<void> {
  const activities: ImportActivities & FolderActivities = {
    ...fakeImports(false),
    prepareImport: (input) =>
      input.importId === 'i2'
        ? Promise.reject(ApplicationFailure.nonRetryable('the file is empty', 'MalformedFile'))
        : fakeImports(false).prepareImport(input),
    listFolder: () => Promise.resolve({ files: 4, pages: 1 }),
    planFolderPage: () => Promise.resolve(['i1', 'i2', 'i3']),
    finishFolderPage: ({ progress }) =>
      Promise.resolve({
        ...progress,
        outcomes: { imported: 2, unchanged: 1, unsettled: 0, failed: 1 },
        ...{ rows: 18, stored: 16, duplicates: 2 },
      }),
    finishFolder: () => Promise.resolve(),
  };
  await withActivities(environment, activities, async () => {
    const options = folderOptions({ tenant: 'test', source: 'recorded', folderId: 'f1' });
    const handle = await environment.client.workflow.start(IMPORT_FOLDER_WORKFLOW, options);
    const progress = (await handle.result()) as FolderProgress;
    if (progress.status !== 'done' || progress.stored !== 16) throw new Error('the folder was not imported');
    await save(handle, 'importFolder-done');
  });
}

async function releaseQuarantine(environment: TestWorkflowEnvironment): Promise<void> {
  await withReleases(environment, new FakeReleases(3), async () => {
    const options = releaseOptions({ tenant: 'test', runId: 'recorded' });
    const handle = await environment.client.workflow.start(RELEASE_QUARANTINE_WORKFLOW, options);
    await handle.result();
    await save(handle, 'releaseQuarantine-done');
  });
}

async function linkRecords(environment: TestWorkflowEnvironment): Promise<void> {
  const links = new FakeLinks();
  links.failures = 1;
  await withLinks(environment, links, async () => {
    const options = linkOptions({ tenant: 'test', runId: 'recorded' }, ['crm', 'erp']);
    const handle = await environment.client.workflow.start(LINK_RECORDS_WORKFLOW, options);
    await handle.result();
    await save(handle, 'linkRecords-done');
  });
}

async function rehearseMapping(environment: TestWorkflowEnvironment): Promise<void> {
  await withRehearsals(environment, new FakeRehearsals(3), async () => {
    const input = { tenant: 'test', source: 'recorded', runId: 'r1', before: 'till@1', after: 'till@2' };
    const options = rehearsalOptions(input);
    const handle = await environment.client.workflow.start(REHEARSE_MAPPING_WORKFLOW, options);
    await handle.result();
    await save(handle, 'rehearseMapping-done');
  });
}

async function replayMapping(environment: TestWorkflowEnvironment): Promise<void> {
  const replays = new FakeMappingReplays(3);
  replays.failures = 1;
  await withMappingReplays(environment, replays, async () => {
    const options = replayMappingOptions({ tenant: 'test', source: 'recorded', runId: 'r1' });
    const handle = await environment.client.workflow.start(REPLAY_MAPPING_WORKFLOW, options);
    await handle.result();
    await save(handle, 'replayMapping-done');
  });
}

async function followUps(environment: TestWorkflowEnvironment): Promise<void> {
  const fake = new FakeFollowUps();
  Object.assign(fake, { open: 3, failures: 1 });
  await withFollowUps(environment, fake, async () => {
    const handle = await environment.client.workflow.signalWithStart(
      FOLLOW_UPS_WORKFLOW,
      followUpsOptions('test', 'recorded'),
    );
    await handle.result();
    await save(handle, 'followUps-done');
  });
}

/** One that waits, has trouble and then reads everything; and one that the vendor refuses. */
async function syncSource(environment: TestWorkflowEnvironment): Promise<void> {
  for (const [name, refusesAt] of [
    ['done', Infinity],
    ['failed', 1],
  ] as const) {
    const fake = new FakeSyncs();
    Object.assign(fake, { failures: 1, refusesAt });
    fake.says.push({ kind: 'wait', ms: 1_000, why: 'its limit' }, { kind: 'trouble', why: 'no answer' });
    await withSyncs(environment, fake, async () => {
      const options = syncOptions('test', `recorded-${name}`);
      const handle = await environment.client.workflow.start(SYNC_SOURCE_WORKFLOW, options);
      await handle.result().catch(() => undefined);
      await save(handle, `syncSource-${name}`);
    });
  }
}

/** A promotion that finds two batches of work, one of which fails once, and then nothing. */
async function replayRules(environment: TestWorkflowEnvironment): Promise<void> {
  let tries = 0;
  const activities: ReplayActivities = {
    beginStep: () => Promise.resolve(),
    simulateRules: () => Promise.resolve({ profiles: 3 }),
    planRejudging: ({ round }) =>
      Promise.resolve(
        round === 1 ? { profiles: 3, regions: 250, batches: 2 } : { profiles: 3, regions: 0, batches: 0 },
      ),
    rejudgeBatch: ({ batch }) => {
      tries += 1;
      if (tries === 1) return Promise.reject(new RangeError('tried again'));
      return Promise.resolve({ done: batch === 0 ? 200 : 50, left: 0 });
    },
    finishStep: () => Promise.resolve(),
  };
  await withActivities(environment, activities, async () => {
    for (const step of ['simulate', 'promote'] as const) {
      const options = replayOptions({ tenant: 'test', simulationId: 'recorded', step });
      const handle = await environment.client.workflow.start(REPLAY_RULES_WORKFLOW, options);
      const progress = (await handle.result()) as ReplayProgress;
      if (step === 'promote' && progress.regionsDone !== 250) throw new Error('the promotion lost work');
      await save(handle, `replayRules-${step}`);
    }
  });
}

/** Those that are named by arguments, or all. */
const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
async function resolution(environment: TestWorkflowEnvironment): Promise<void> {
  for (const [name, failing] of [
    ['done', -1],
    ['failed', 1],
  ] as const) {
    const fake = new FakeResolutions();
    Object.assign(fake, { steps: 2, deaths: 1, failing });
    await withResolutions(environment, fake.activities, async () => {
      const options = resolutionOptions('test', `recorded-${name}`);
      const handle = await environment.client.workflow.start(RESOLUTION_WORKFLOW, options);
      await handle.result().catch(() => undefined);
      await save(handle, `resolution-${name}`);
    });
  }
}

const environment = await realServer();
try {
  if (isWanted('ingestion')) await ingestion(environment);
  if (isWanted('importFile')) await importFile(environment);
  if (isWanted('importFolder')) await importFolder(environment);
  if (isWanted('rehearseMapping')) await rehearseMapping(environment);
  if (isWanted('replayRules')) await replayRules(environment);
  if (isWanted('replayMapping')) await replayMapping(environment);
  if (isWanted('releaseQuarantine')) await releaseQuarantine(environment);
  if (isWanted('followUps')) await followUps(environment);
  if (isWanted('syncSource')) await syncSource(environment);
  if (isWanted('resolution')) await resolution(environment);
  if (isWanted('linkRecords')) await linkRecords(environment);
} finally {
  await environment.teardown();
}

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  SYNC_PROGRESS_QUERY,
  SYNC_SOURCE_WORKFLOW,
  type SyncProgress,
} from '../../workflows/contract/sync-source.ts';
import { syncOptions } from '../../workflows/contract/start.ts';
import { realServer } from '../support/temporal.ts';
import { eventually } from '../support/wait.ts';
import { FakeSyncs, withSyncs } from './syncs.ts';

/** So few history events, that continue-as-new comes within a test. */
const CONTINUE_AFTER_EVENTS = 60;

describe('sync workflow', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async function () {
    this.timeout(240_000);
    environment = await realServer(CONTINUE_AFTER_EVENTS);
  });
  after(() => environment.teardown());
  const start = () =>
    environment.client.workflow.start(SYNC_SOURCE_WORKFLOW, syncOptions('test', randomUUID()));

  it('reads page by page over several runs, under one id of the run, and ends with its counts', async () => {
    const fake = new FakeSyncs();
    Object.assign(fake, { pages: 30, failures: 1 });
    await withSyncs(environment, fake, async () => {
      const handle = await start();
      const progress = (await handle.result()) as SyncProgress;
      assert.deepEqual([progress.status, progress.rows, progress.stored], ['done', 300, 300]);
      const last = environment.client.workflow.getHandle(handle.workflowId);
      assert.notEqual((await last.describe()).runId, handle.firstExecutionRunId, 'it continued as new');
      assert.deepEqual(await last.query(SYNC_PROGRESS_QUERY), progress);
    });
    assert.deepEqual(
      fake.steps,
      Array.from({ length: 30 }, (_, step) => step),
    );
    assert.match(fake.finished[0]?.runId ?? '', /^\d{8}T\d{6}Z-[0-9a-f]{8}$/);
  });

  it('waits as long as the vendor says, as often as it says', async () => {
    const fake = new FakeSyncs();
    for (let n = 0; n < 12; n++) fake.says.push({ kind: 'wait', ms: 20, why: 'the vendor limits the rate' });
    await withSyncs(environment, fake, async () => {
      const { status, rows } = (await (await start()).result()) as SyncProgress;
      assert.deepEqual([status, rows], ['done', 30]);
    });
  });

  it('says why it waits, and leaves a manifest when it is cancelled meanwhile', async () => {
    const fake = new FakeSyncs();
    fake.says.push({ kind: 'wait', ms: 3_600_000, why: 'the vendor limits the rate' });
    await withSyncs(environment, fake, async () => {
      const handle = await start();
      const detail = await eventually('the wait', async () => {
        const progress = await handle.query<SyncProgress>(SYNC_PROGRESS_QUERY);
        return progress.status === 'waiting' ? progress.detail : undefined;
      });
      assert.equal(detail, 'the vendor limits the rate');
      await handle.cancel();
      await assert.rejects(handle.result(), WorkflowFailedError);
    });
    assert.deepEqual(
      fake.finished.map(({ status }) => status),
      ['failed'],
    );
  });

  it('gives up for a day of waiting, or where the vendor refuses, with the reason in the manifest', async () => {
    for (const [prepare, pattern] of [
      [
        (fake: FakeSyncs) => fake.says.push({ kind: 'wait', ms: 25 * 3_600_000, why: 'used up' }),
        /used up, for a day/,
      ],
      [(fake: FakeSyncs) => (fake.refusesAt = 1), /the vendor refuses/],
    ] as const) {
      const fake = new FakeSyncs();
      prepare(fake);
      await withSyncs(environment, fake, async () => {
        await assert.rejects((await start()).result(), (error) => {
          assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure);
          assert.equal(error.cause.type, 'SyncFailed');
          return pattern.test(error.cause.message);
        });
      });
      assert.match(fake.finished[0]?.detail ?? '', pattern);
    }
  });
});

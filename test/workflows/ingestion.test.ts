import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, before, describe, it } from 'mocha';
import {
  DRAIN_UPDATE,
  INGESTION_QUEUE,
  INGESTION_WORKFLOW,
  PAUSE_UPDATE,
  PROGRESS_QUERY,
  RESUME_UPDATE,
  WAKE_SIGNAL,
  type DrainAnswer,
  type DrainInput,
  type IngestionProgress,
} from '../../workflows/contract/ingestion.ts';
import { realServer } from '../support/temporal.ts';
import { FakePumps, sourceOf, withWorkers } from './pumps.ts';

/** So few history events, that continue-as-new comes within a test. */
const CONTINUE_AFTER_EVENTS = 60;

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('ingestion workflow', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;

  before(async function () {
    this.timeout(240_000);
    environment = await realServer(CONTINUE_AFTER_EVENTS);
  });

  after(async () => {
    await environment.teardown();
  });

  const wake = (source: ReturnType<typeof sourceOf>, lane = 0): Promise<WorkflowHandle> =>
    environment.client.workflow.signalWithStart(INGESTION_WORKFLOW, {
      taskQueue: INGESTION_QUEUE,
      workflowId: source.workflowId,
      args: [source.input],
      signal: WAKE_SIGNAL,
      signalArgs: [{ lane }],
    });
  const progress = (handle: WorkflowHandle): Promise<IngestionProgress> => handle.query(PROGRESS_QUERY);
  /** The run in force, whichever was started first. */
  const current = (source: ReturnType<typeof sourceOf>): WorkflowHandle =>
    environment.client.workflow.getHandle(source.workflowId);

  it('pumps a lane when woken and lets it rest when it is empty', async () => {
    const pumps = new FakePumps();
    pumps.pending.set(0, 5);
    await withWorkers(environment, pumps, async () => {
      const handle = await wake(sourceOf());
      await until('the totals', async () => (await progress(handle)).totals.items === 5);
      const { pumping } = await progress(handle);
      assert.deepEqual(pumping, []);
      assert.deepEqual(pumps.runs, [0]);
      await handle.terminate();
    });
  });

  it('pumps each lane by itself', async () => {
    const pumps = new FakePumps();
    pumps.endless = true;
    const source = sourceOf();
    await withWorkers(environment, pumps, async () => {
      const handle = await wake(source, 0);
      await wake(source, 3);
      await until('two pumps', async () => (await progress(handle)).pumping.length === 2);
      assert.deepEqual((await progress(handle)).pumping, [0, 3]);
      await handle.terminate();
      pumps.endless = false;
    });
  });

  it('remembers a wake that comes while the pump is ending', async () => {
    const pumps = new FakePumps();
    pumps.endless = true;
    const source = sourceOf();
    await withWorkers(environment, pumps, async () => {
      const handle = await wake(source);
      await until('a pump', () => pumps.runs.length === 1);
      await wake(source);
      pumps.endless = false;
      await until('a second pump', () => pumps.runs.length === 2);
      await until('rest', async () => (await progress(handle)).pumping.length === 0);
      await handle.terminate();
    });
  });

  it('starts a pump again that failed, until it succeeds', async () => {
    const pumps = new FakePumps();
    pumps.failures = 2;
    pumps.pending.set(0, 1);
    await withWorkers(environment, pumps, async () => {
      const handle = await wake(sourceOf());
      await until('the item', async () => (await progress(handle)).totals.items === 1);
      assert.equal(pumps.runs.length, 3);
      await handle.terminate();
    });
  });

  it('pauses: pumps end, wakes are remembered and answered for, and resume takes them up', async () => {
    const pumps = new FakePumps();
    pumps.endless = true;
    const source = sourceOf();
    await withWorkers(environment, pumps, async () => {
      const handle = await wake(source, 0);
      await until('a pump', () => pumps.runs.length === 1);
      const paused = await handle.executeUpdate<IngestionProgress, []>(PAUSE_UPDATE);
      assert.deepEqual({ paused: paused.paused, pumping: paused.pumping }, { paused: true, pumping: [] });
      await wake(source, 1);
      await until('the hold', () => pumps.held.includes(1));
      await wake(source, 1);
      assert.equal(pumps.runs.length, 1);
      pumps.endless = false;
      pumps.pending.set(0, 2).set(1, 3);
      await handle.executeUpdate(RESUME_UPDATE);
      await until('both lanes', async () => (await progress(handle)).totals.items === 5);
      assert.deepEqual(pumps.held, [1]);
      await handle.terminate();
    });
  });

  it('drains: wakes what is pending, answers when all is empty, and refuses while paused', async () => {
    const pumps = new FakePumps();
    const source = sourceOf();
    await withWorkers(environment, pumps, async () => {
      const handle = await wake(source, 0);
      await until(
        'rest',
        async () => pumps.runs.length === 1 && (await progress(handle)).pumping.length === 0,
      );
      pumps.pending.set(0, 2).set(4, 3);
      await handle.executeUpdate(DRAIN_UPDATE);
      assert.deepEqual(await pumps.pendingLanes(), []);
      await until('the totals', async () => (await progress(handle)).totals.items === 5);
      await handle.executeUpdate(PAUSE_UPDATE);
      await assert.rejects(handle.executeUpdate(DRAIN_UPDATE), (error: Error) => {
        assert.match(String(error.cause), /paused/);
        return true;
      });
      await handle.terminate();
    });
  });

  it('continues as new without losing a total, a wake or a pause', async () => {
    const pumps = new FakePumps();
    const source = sourceOf();
    await withWorkers(environment, pumps, async () => {
      const first = await wake(source);
      const { runId } = await first.describe();
      let items = 0;
      const rounds = async (): Promise<void> => {
        items += 1;
        pumps.pending.set(0, 1);
        await wake(source);
        await until(`item ${items}`, async () => (await progress(current(source))).totals.items === items);
      };
      for (let i = 0; i < 12; i += 1) await rounds();
      assert.notEqual((await current(source).describe()).runId, runId);
      await current(source).executeUpdate(PAUSE_UPDATE);
      const { runId: paused } = await current(source).describe();
      for (let i = 0; i < CONTINUE_AFTER_EVENTS; i += 1) await wake(source, 7);
      await until('another run', async () => (await current(source).describe()).runId !== paused);
      assert.equal((await progress(current(source))).paused, true);
      pumps.pending.set(7, 1);
      await current(source).executeUpdate(RESUME_UPDATE);
      await until('the woken lane', async () => (await progress(current(source))).totals.items === items + 1);
      await current(source).terminate();
    });
  });

  it('continues as new while a drain goes on, which the next run takes up where it was', async () => {
    const pumps = new FakePumps();
    pumps.stuck = true;
    const source = sourceOf();
    await withWorkers(environment, pumps, async () => {
      const first = await wake(source, 0);
      await until('a pump', () => pumps.runs.length === 1);
      pumps.pending.set(1, 2);
      const bounds = [{ lane: 1, through: 'b2' }];
      const asked = first.executeUpdate<DrainAnswer, []>(DRAIN_UPDATE);
      await until('the wait', () => pumps.waits.length === 1);
      const { runId } = await first.describe();
      // No more than that, or the next run is long enough too.
      await until('another run', async () => {
        await wake(source, 7);
        return (await current(source).describe()).runId !== runId;
      });
      assert.deepEqual((await asked).next, { bounds });
      const again = current(source).executeUpdate<DrainAnswer, [DrainInput]>(DRAIN_UPDATE, {
        args: [{ bounds }],
      });
      await until('the second wait', () => pumps.waits.length >= 2);
      pumps.stuck = false;
      assert.equal((await again).next, undefined);
      for (const wait of pumps.waits) assert.deepEqual(wait, bounds);
      await current(source).terminate();
    });
  });

  it('ends its pumps when it is cancelled', async () => {
    const pumps = new FakePumps();
    pumps.endless = true;
    await withWorkers(environment, pumps, async () => {
      const handle = await wake(sourceOf());
      await until('a pump', () => pumps.runs.length === 1);
      await handle.cancel();
      await assert.rejects(handle.result());
      assert.equal((await handle.describe()).status.name, 'CANCELLED');
    });
  });
});

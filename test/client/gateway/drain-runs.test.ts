import assert from 'node:assert/strict';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ProblemError } from '../../../client/gateway/problem.ts';
import { createRuns } from '../../../client/gateway/runs.ts';
import { realServer } from '../../support/temporal.ts';
import { eventually } from '../../support/wait.ts';
import { FakePumps, sourceOf, withWorkers } from '../../workflows/pumps.ts';

/** So few history events, that continue-as-new comes within a test. */
const CONTINUE_AFTER_EVENTS = 60;

describe('a drain in Temporal', function () {
  this.timeout(60_000);
  let server: TestWorkflowEnvironment;
  before(async () => {
    server = await realServer(CONTINUE_AFTER_EVENTS);
  });
  after(() => server.teardown());

  it('goes on where its workflow is continued as new, to the end that it had at first', async () => {
    const runs = createRuns('test', server.client);
    const pumps = new FakePumps();
    pumps.stuck = true;
    const { input, workflowId } = sourceOf();
    const handle = server.client.workflow.getHandle(workflowId);
    await withWorkers(server, pumps, async () => {
      pumps.pending.set(1, 2);
      const drained = runs.drain(input.source);
      const waits = (count: number): Promise<true> =>
        eventually(`wait ${count}`, () => Promise.resolve(pumps.waits.length >= count ? true : undefined));
      await waits(1);
      const { runId } = await handle.describe();
      for (let i = 0; i < CONTINUE_AFTER_EVENTS; i += 1) await runs.wake(input.source, 7);
      await waits(2);
      assert.notEqual((await handle.describe()).runId, runId);
      pumps.stuck = false;
      assert.equal(await drained, undefined);
      const bounds = [{ lane: 1, through: 'b2' }];
      for (const wait of pumps.waits) assert.deepEqual(wait, bounds);
      await handle.terminate();
    });
  });

  it('is refused where its source is paused, by what is to be done', async () => {
    const runs = createRuns('test', server.client);
    const { input, workflowId } = sourceOf();
    await withWorkers(server, new FakePumps(), async () => {
      assert.equal(await runs.steer(input.source, 'pause'), 'done');
      await assert.rejects(
        runs.drain(input.source),
        (error) => error instanceof ProblemError && error.status === 409 && /resume it/.test(error.message),
      );
      await server.client.workflow.getHandle(workflowId).terminate();
    });
  });
});

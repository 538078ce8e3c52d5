import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, before, describe, it } from 'mocha';
import {
  REPLAY_CANCEL_SIGNAL,
  REPLAY_MAPPING_PROGRESS_QUERY,
  REPLAY_MAPPING_WORKFLOW,
  REPLAY_PAUSE_SIGNAL,
  REPLAY_RESUME_SIGNAL,
  type ReplayMappingProgress,
} from '../../workflows/contract/replay-mapping.ts';
import { replayMappingOptions } from '../../workflows/contract/start.ts';
import { realServer } from '../support/temporal.ts';
import { FakeMappingReplays, withMappingReplays } from './mapping-replays.ts';

/** So few history events, that continue-as-new comes within a test. */
const CONTINUE_AFTER_EVENTS = 40;

describe('the replay of stored items', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async function () {
    this.timeout(240_000);
    environment = await realServer(CONTINUE_AFTER_EVENTS);
  });
  after(() => environment.teardown());

  it('goes slice by slice over several runs, judges, releases, and ends with all that it did', async () => {
    const replays = new FakeMappingReplays(30);
    replays.failures = 1;
    await withMappingReplays(environment, replays, async () => {
      const options = replayMappingOptions({ tenant: 'test', source: 'crm', runId: randomUUID() });
      const handle = await environment.client.workflow.start(REPLAY_MAPPING_WORKFLOW, options);
      const progress = (await handle.result()) as ReplayMappingProgress;
      const { status, items, corrected, moved, released, heldAgain } = progress;
      assert.deepEqual(
        { status, items, corrected, moved, released, heldAgain },
        { status: 'done', items: 300, corrected: 60, moved: 30, released: 8, heldAgain: 1 },
      );
      assert.deepEqual(
        replays.slices,
        Array.from({ length: 30 }, (_, slice) => slice),
      );
      assert.deepEqual(replays.ended, [{ status: 'done', released: 8, heldAgain: 1, left: 0 }]);
      const last = environment.client.workflow.getHandle(options.workflowId);
      assert.notEqual((await last.describe()).runId, handle.firstExecutionRunId, 'it continued as new');
    });
  });

  it('holds while it is paused, goes on when resumed, and ends where it is cancelled', async () => {
    const replays = new FakeMappingReplays(30);
    await withMappingReplays(environment, replays, async () => {
      const options = replayMappingOptions({ tenant: 'test', source: 'pos', runId: randomUUID() });
      const { workflow } = environment.client;
      const at = workflow.getHandle(options.workflowId);
      replays.onSlice = async (slice) => {
        if (slice === 1) await at.signal(REPLAY_PAUSE_SIGNAL);
        if (slice === 3) await at.signal(REPLAY_CANCEL_SIGNAL);
      };
      const handle = await workflow.start(REPLAY_MAPPING_WORKFLOW, options);
      for (;;) {
        const { isPaused, slicesDone } = await at.query<ReplayMappingProgress>(REPLAY_MAPPING_PROGRESS_QUERY);
        if (isPaused && slicesDone === 2) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.deepEqual(replays.slices, [0, 1], 'the slice at hand is finished, and no other begun');
      await at.signal(REPLAY_RESUME_SIGNAL);
      const progress = (await handle.result()) as ReplayMappingProgress;
      assert.equal(progress.status, 'cancelled');
      assert.deepEqual(replays.slices, [0, 1, 2, 3]);
      assert.deepEqual(replays.ended, [{ status: 'cancelled', released: 0, heldAgain: 0, left: 0 }]);
    });
  });
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, before, describe, it } from 'mocha';
import { FOLLOW_UPS_QUERY, FOLLOW_UPS_WORKFLOW } from '../../workflows/contract/follow-ups.ts';
import { followUpsOptions } from '../../workflows/contract/start.ts';
import { realServer } from '../support/temporal.ts';
import { FakeFollowUps, withFollowUps } from './follow-ups.ts';

/** So few history events, that continue-as-new comes within a test. */
const CONTINUE_AFTER_EVENTS = 40;

describe('follow-up workflow', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async function () {
    this.timeout(240_000);
    environment = await realServer(CONTINUE_AFTER_EVENTS);
  });
  after(() => environment.teardown());

  it('fetches what there is over several runs, tries again, and ends', async () => {
    const fake = new FakeFollowUps();
    Object.assign(fake, { open: 40, failures: 1 });
    await withFollowUps(environment, fake, async () => {
      const options = followUpsOptions('test', randomUUID());
      const handle = await environment.client.workflow.signalWithStart(FOLLOW_UPS_WORKFLOW, options);
      assert.deepEqual(await handle.result(), { fetched: 40, refused: 0 });
      assert.equal(fake.steps, 21);
      const last = environment.client.workflow.getHandle(options.workflowId);
      assert.notEqual((await last.describe()).runId, handle.signaledRunId, 'it continued as new');
      assert.deepEqual(await last.query(FOLLOW_UPS_QUERY), { fetched: 40, refused: 0 });
    });
  });

  it('looks once more where a webhook comes while the last step runs', async () => {
    const fake = new FakeFollowUps();
    fake.open = 1;
    await withFollowUps(environment, fake, async () => {
      const options = followUpsOptions('test', randomUUID());
      fake.meanwhile = async () => {
        if (fake.steps > 1) return;
        fake.open = 1;
        await environment.client.workflow.signalWithStart(FOLLOW_UPS_WORKFLOW, options);
      };
      const handle = await environment.client.workflow.signalWithStart(FOLLOW_UPS_WORKFLOW, options);
      assert.deepEqual(await handle.result(), { fetched: 2, refused: 0 });
    });
  });
});

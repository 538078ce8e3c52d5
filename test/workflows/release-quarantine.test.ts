import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, before, describe, it } from 'mocha';
import {
  RELEASE_PROGRESS_QUERY,
  RELEASE_QUARANTINE_WORKFLOW,
  type ReleaseProgress,
} from '../../workflows/contract/release-quarantine.ts';
import { releaseOptions } from '../../workflows/contract/start.ts';
import { realServer } from '../support/temporal.ts';
import { FakeReleases, withReleases } from './releases.ts';

/** So few history events, that continue-as-new comes within a test. */
const CONTINUE_AFTER_EVENTS = 40;

describe('release of quarantine workflow', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async function () {
    this.timeout(240_000);
    environment = await realServer(CONTINUE_AFTER_EVENTS);
  });
  after(() => environment.teardown());

  it('sends step by step over several runs, and ends with how many came back', async () => {
    const releases = new FakeReleases(30);
    releases.failures = 1;
    await withReleases(environment, releases, async () => {
      const options = releaseOptions({ tenant: 'test', runId: randomUUID() });
      const handle = await environment.client.workflow.start(RELEASE_QUARANTINE_WORKFLOW, options);
      const expected = { status: 'done', released: 60, gone: 30, heldAgain: 4 };
      assert.deepEqual(await handle.result(), expected);
      assert.deepEqual(releases.steps, [0, ...Array.from({ length: 30 }, (_, step) => step)]);
      const last = environment.client.workflow.getHandle(options.workflowId);
      assert.notEqual((await last.describe()).runId, handle.firstExecutionRunId, 'it continued as new');
      assert.deepEqual(await last.query<ReleaseProgress>(RELEASE_PROGRESS_QUERY), expected);
    });
  });
});

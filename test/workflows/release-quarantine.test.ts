import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, before, describe, it } from 'mocha';
import {
  RELEASE_PROGRESS_QUERY,
  RELEASE_QUARANTINE_WORKFLOW,
  type ReleaseProgress,
} from '../../workflows/contract/release-quarantine.ts';
import { REHEARSE_MAPPING_WORKFLOW } from '../../workflows/contract/rehearse-mapping.ts';
import { rehearsalOptions, releaseOptions } from '../../workflows/contract/start.ts';
import { realServer } from '../support/temporal.ts';
import { FakeRehearsals, withRehearsals } from './rehearsals.ts';
import { FakeReleases, withReleases } from './releases.ts';

/** So few history events, that continue-as-new comes within a test. */
const CONTINUE_AFTER_EVENTS = 40;

describe('release of quarantine and rehearsal workflows', function () {
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
      const expected = { status: 'done', released: 60, gone: 30, tooDeep: 1, heldAgain: 4 };
      assert.deepEqual(await handle.result(), expected);
      assert.deepEqual(releases.steps, [0, ...Array.from({ length: 30 }, (_, step) => step)]);
      const last = environment.client.workflow.getHandle(options.workflowId);
      assert.notEqual((await last.describe()).runId, handle.firstExecutionRunId, 'it continued as new');
      assert.deepEqual(await last.query<ReleaseProgress>(RELEASE_PROGRESS_QUERY), expected);
    });
  });

  it('tries a mapping slice by slice over several runs, each where the one before ended', async () => {
    const rehearsals = new FakeRehearsals(30);
    await withRehearsals(environment, rehearsals, async () => {
      const input = { tenant: 'test', source: 'crm', runId: randomUUID(), before: 'till@1', after: 'till@2' };
      const handle = await environment.client.workflow.start(
        REHEARSE_MAPPING_WORKFLOW,
        rehearsalOptions(input),
      );
      assert.deepEqual(await handle.result(), { status: 'done', items: 300, batches: 60 });
      const cursors = Array.from({ length: 29 }, (_, slice) => `batch-${slice}`);
      assert.deepEqual(rehearsals.cursors, [undefined, ...cursors]);
    });
  });
});

import assert from 'node:assert/strict';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createRuns } from '../../../client/gateway/runs.ts';
import { IMPORT_FILE_WORKFLOW } from '../../../workflows/contract/import-file.ts';
import { importOptions } from '../../../workflows/contract/start.ts';
import { skippingServer } from '../../support/temporal.ts';

describe('runs in Temporal', function () {
  this.timeout(60_000);
  let server: TestWorkflowEnvironment;
  before(async function () {
    this.timeout(240_000);
    server = await skippingServer();
  });
  after(() => server.teardown());

  it('are over once they are terminated, and not before, nor where there is none', async () => {
    const runs = createRuns('demo', server.client);
    const options = importOptions({ tenant: 'demo', source: 'pos', importId: 'i1' });
    assert.equal(await runs.isOver(options.workflowId), false);
    const handle = await server.client.workflow.start(IMPORT_FILE_WORKFLOW, options);
    assert.equal(await runs.isOver(options.workflowId), false);
    await handle.terminate();
    assert.equal(await runs.isOver(options.workflowId), true);
  });
});

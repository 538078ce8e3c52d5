import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { IMPORT_FILE_WORKFLOW, importWorkflowId } from '../../workflows/contract/import-file.ts';
import { IMPORT_FOLDER_WORKFLOW } from '../../workflows/contract/import-folder.ts';
import { folderOptions, importOptions } from '../../workflows/contract/start.ts';
import { skippingServer } from '../support/temporal.ts';
import { eventually } from '../support/wait.ts';
import { FakeImports } from './imports.ts';
import { withWorker } from './worker.ts';

const STOPPED = 'the import was stopped';

describe('import workflows that are cancelled', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  let source: string;
  let fake: FakeImports;
  before(async function () {
    this.timeout(240_000);
    environment = await skippingServer();
  });
  after(() => environment.teardown());
  beforeEach(() => {
    source = randomUUID();
    fake = new FakeImports();
  });

  const called = (call: string) =>
    eventually(call, () => Promise.resolve(fake.calls.includes(call) ? true : undefined));
  const manifests = () =>
    fake.finished.map(({ importId, progress: { status, error } }) => [importId, status, error]).sort();

  async function run(body: () => Promise<void>): Promise<void> {
    await withWorker(environment, fake.activities, async () => {
      try {
        await body();
      } finally {
        fake.release();
      }
    });
  }

  function importFile(): Promise<WorkflowHandle> {
    const options = importOptions({ tenant: 'test', source, importId: 'i1' });
    return environment.client.workflow.start(IMPORT_FILE_WORKFLOW, options);
  }

  function importFolder(): Promise<WorkflowHandle> {
    const options = folderOptions({ tenant: 'test', source, folderId: 'f1' });
    return environment.client.workflow.start(IMPORT_FOLDER_WORKFLOW, options);
  }

  async function assertCancelled(handle: WorkflowHandle): Promise<void> {
    await assert.rejects(
      handle.result(),
      (error) => error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure,
    );
  }

  for (const stage of ['read', 'drain'] as const)
    it(`leave a manifest that says so where they were cancelled in the stage "${stage}"`, async () => {
      fake.slow.add(`${stage} i1`);
      await run(async () => {
        const handle = await importFile();
        await called(`${stage} i1`);
        await handle.cancel();
        await assertCancelled(handle);
      });
      assert.deepEqual(manifests(), [['i1', 'failed', STOPPED]]);
    });

  it('leave a manifest with the failure that came first while batches are counted for it', async () => {
    fake.failing.add('i1');
    fake.slow.add('drain i1');
    await run(async () => {
      const handle = await importFile();
      await called('drain i1');
      await handle.cancel();
      await assert.rejects(handle.result(), WorkflowFailedError);
    });
    assert.deepEqual(manifests(), [['i1', 'failed', 'the file changed']]);
  });

  it('of folders wait for the manifests of the files that are read, begin no other, and leave a summary', async () => {
    fake.files = ['i1', 'i2', 'i3', 'i4', 'i5'];
    for (const file of fake.files) fake.slow.add(`read ${file}`);
    await run(async () => {
      const handle = await importFolder();
      for (const file of fake.files.slice(0, 4)) await called(`read ${file}`);
      await handle.cancel();
      await assertCancelled(handle);
    });
    assert.deepEqual(
      manifests(),
      ['i1', 'i2', 'i3', 'i4'].map((file) => [file, 'failed', STOPPED]),
    );
    assert.deepEqual(
      fake.finishedFolders.map(({ status, error }) => [status, error]),
      [['failed', STOPPED]],
    );
  });

  it('stop no other file of the folder that they are of', async () => {
    fake.files = ['i1', 'i2'];
    fake.slow.add('read i1');
    await run(async () => {
      const handle = await importFolder();
      await called('read i1');
      await environment.client.workflow.getHandle(importWorkflowId('test', source, 'i1')).cancel();
      await handle.result();
    });
    assert.deepEqual(manifests(), [
      ['i1', 'failed', STOPPED],
      ['i2', 'done', undefined],
    ]);
    assert.deepEqual(
      fake.finishedFolders.map(({ status }) => status),
      ['done'],
    );
  });
});

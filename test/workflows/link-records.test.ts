import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, before, describe, it } from 'mocha';
import {
  LINK_PROGRESS_QUERY,
  LINK_RECORDS_WORKFLOW,
  type LinkProgress,
} from '../../workflows/contract/link-records.ts';
import { SOURCE_ATTRIBUTE, STAGE_ATTRIBUTE } from '../../workflows/contract/search-attributes.ts';
import { linkOptions } from '../../workflows/contract/start.ts';
import { realServer } from '../support/temporal.ts';
import { FakeLinks, withLinks } from './links.ts';

describe('link records workflow', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;

  before(async function () {
    this.timeout(240_000);
    environment = await realServer();
  });
  after(async () => {
    await environment.teardown();
  });

  const start = (): Promise<WorkflowHandle> =>
    environment.client.workflow.start(
      LINK_RECORDS_WORKFLOW,
      linkOptions({ tenant: 'test', runId: randomUUID() }, ['crm', 'erp']),
    );

  it('reads, computes, links part by part through a failure, puts up for review, and keeps the outcome', async () => {
    const links = new FakeLinks();
    links.failures = 1;
    await withLinks(environment, links, async () => {
      const handle = await start();
      const done = (await handle.result()) as LinkProgress;
      assert.deepEqual(links.steps, ['links 0', 'links 0', 'links 1', 'reviews 0', 'index']);
      const { stage, records, linked, reviews, model } = done;
      assert.deepEqual(
        { stage, records, linked, reviews, model },
        { stage: 'done', records: 90, linked: 20, reviews: 10, model: 'm1' },
      );
      assert.deepEqual(links.finished[0]?.progress, done);
      assert.deepEqual(await handle.query<LinkProgress>(LINK_PROGRESS_QUERY), done);
      const { typedSearchAttributes: found } = await handle.describe();
      assert.equal(found.get(STAGE_ATTRIBUTE), 'done');
      assert.equal(found.get(SOURCE_ATTRIBUTE), 'crm,erp');
    });
  });

  it('writes nothing in a dry run', async () => {
    const links = new FakeLinks();
    links.dryRun = true;
    await withLinks(environment, links, async () => {
      const done = (await (await start()).result()) as LinkProgress;
      assert.deepEqual([done.stage, done.links, done.linked, done.reviews], ['done', 20, 0, 10]);
      assert.deepEqual(links.steps, []);
    });
  });

  it('ends as failed with the reason where there is nothing to link by', async () => {
    const links = new FakeLinks();
    links.refused = { code: 'all-alike', detail: 'All records have the same values.' };
    await withLinks(environment, links, async () => {
      const handle = await start();
      await assert.rejects(handle.result());
      assert.deepEqual(links.steps, []);
      assert.equal(links.finished[0]?.progress.stage, 'failed');
      assert.deepEqual(links.finished[0].progress.problem, links.refused);
    });
  });
});

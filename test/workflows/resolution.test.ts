import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, before, describe, it } from 'mocha';
import { createResolutionActivities } from '../../activities/resolution/index.ts';
import type { Correction } from '../../activities/resolution/types.ts';
import type { Evidence, GraphNode } from '../../domain/identity/evidence.ts';
import { openEmbedded } from '../../storage/embedded/open.ts';
import { openTenant, type OpenTenant } from '../../storage/tenant.ts';
import {
  RESOLUTION_PROGRESS_QUERY,
  RESOLUTION_WORKFLOW,
  type ResolutionProgress,
} from '../../workflows/contract/resolution.ts';
import { resolutionOptions } from '../../workflows/contract/start.ts';
import { realServer } from '../support/temporal.ts';
import { FakeResolutions, withResolutions } from './resolutions.ts';

/** So few history events, that continue-as-new comes within a test. */
const CONTINUE_AFTER_EVENTS = 60;
const STEP = ['prepare', 'commit', 'repoint', 'correct'];

describe('resolution workflow', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  let store: OpenTenant;
  let dir: string;
  let runs = 0;

  before(async function () {
    this.timeout(240_000);
    environment = await realServer(CONTINUE_AFTER_EVENTS);
    dir = await mkdtemp(join(tmpdir(), 'tessera-resolution-'));
    store = await openTenant({ tenant: 'test', storage: await openEmbedded({ kind: 'embedded', dir }) });
  });

  after(async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
    await environment.teardown();
  });

  const start = (id = `run-${String(++runs)}`): Promise<WorkflowHandle> =>
    environment.client.workflow.start(RESOLUTION_WORKFLOW, resolutionOptions('test', id));
  const result = async (handle: WorkflowHandle): Promise<ResolutionProgress> =>
    (await handle.result()) as ResolutionProgress;

  it('goes through its steps in order, again where a worker dies, and answers how far it is', async () => {
    const fake = new FakeResolutions();
    fake.steps = 2;
    fake.deaths = 1;
    await withResolutions(environment, fake.activities, async () => {
      const handle = await start();
      const done = await result(handle);
      assert.deepEqual([done.stage, done.done, done.steps, done.mergedAway], ['done', 2, 2, 2]);
      assert.deepEqual(await handle.query(RESOLUTION_PROGRESS_QUERY), done);
    });
    const steps = [0, 1].flatMap((step) => STEP.map((name) => `${name} ${String(step)}`));
    assert.deepEqual(fake.calls, ['prepare 0', ...steps, 'close done']);
  });

  it('undoes what was prepared where a commit can not be made, and says why', async () => {
    const fake = new FakeResolutions();
    Object.assign(fake, { steps: 3, failing: 1 });
    await withResolutions(environment, fake.activities, async () => {
      const handle = await start();
      await assert.rejects(handle.result(), (error: unknown) => {
        assert.ok(error instanceof WorkflowFailedError);
        assert.match(String(error.cause?.message), /too large/);
        return true;
      });
    });
    const first = STEP.map((name) => `${name} 0`);
    assert.deepEqual(fake.calls, [...first, 'prepare 1', 'commit 1', 'release 1', 'close failed']);
  });

  it('continues as new without doing a step twice or losing a count', async () => {
    const fake = new FakeResolutions();
    fake.steps = 12;
    await withResolutions(environment, fake.activities, async () => {
      const handle = await start();
      const done = await result(handle);
      assert.deepEqual([done.done, done.mergedAway], [12, 12]);
    });
    assert.equal(fake.calls.filter((call) => call.startsWith('commit')).length, 12);
    const history = await environment.client.workflow
      .getHandle(`resolution/test/run-${String(runs)}`)
      .fetchHistory();
    assert.ok(
      history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId,
      'it never continued as new',
    );
  });

  it('links, splits and applies a batch of joins in the store, and tells who follows profiles', async () => {
    const node = (type: string, name: string): GraphNode => ({
      fragment: store.log.address({ type, value: name }),
      type,
    });
    const [jane, john] = [node('userId', 'jane'), node('userId', 'john')];
    const requestedAt = new Date().toISOString();
    const because = { reason: 'a test', actor: 'tester', requestedAt };
    await store.directory.resolve({ nodes: [jane, john], evidence: [] }, 'b0');
    const pairs = Array.from({ length: 40 }, (_, n): Evidence => ({
      ...{
        a: node('email', `e${String(n)}`),
        b: node('crmId', `c${String(n)}`),
        rule: 'probabilistic',
        score: 0.99,
      },
      ...{ model: 'm1', firstSeen: requestedAt, source: 'linkage', messageId: 'run-1' },
    }));
    const told: Correction[] = [];
    const follow = (correction: Correction): Promise<void> => {
      told.push(correction);
      return Promise.resolve();
    };
    await withResolutions(
      environment,
      createResolutionActivities({ store, followers: [follow] }),
      async () => {
        await store.resolutions.put({ id: 'l1', task: { kind: 'link', a: jane, b: john }, ...because });
        const linked = await result(await start('l1'));
        assert.deepEqual([linked.stage, linked.mergedAway, linked.profiles.length], ['done', 1, 1]);
        await store.resolutions.put({
          id: 's1',
          task: { kind: 'split', away: [john], stay: jane },
          ...because,
        });
        const split = await result(await start('s1'));
        assert.deepEqual([split.stage, split.minted, split.profiles.length], ['done', 1, 2]);
        await store.resolutions.put({
          id: 's2',
          task: { kind: 'split', away: [john], stay: jane },
          ...because,
        });
        assert.equal((await result(await start('s2'))).refusal, 'everything-away');
        const parts = [pairs.slice(0, 20), pairs.slice(20)];
        await store.resolutions.put(
          { id: 'j1', task: { kind: 'joins', parts: parts.length }, ...because },
          parts,
        );
        const joined = await result(await start('j1'));
        assert.deepEqual([joined.stage, joined.done, joined.minted], ['done', 2, 40]);
      },
    );
    assert.equal((await store.directory.profileOf(pairs[39]!.a.fragment))?.members.length, 2);
    assert.deepEqual(
      told.map(({ resolutionId, profiles }) => [resolutionId, profiles.length]),
      [
        ['l1', 1],
        ['s1', 2],
        ['j1', 20],
        ['j1', 20],
      ],
    );
    const kept = await store.resolutions.list();
    assert.deepEqual(
      kept.items.map(({ id, outcome }) => [id, outcome?.status]),
      [
        ['s2', 'refused'],
        ['s1', 'done'],
        ['l1', 'done'],
        ['j1', 'done'],
      ],
    );
  });
});

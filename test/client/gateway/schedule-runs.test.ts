import assert from 'node:assert/strict';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Schedule } from '../../../domain/schedules/types.ts';
import { createRuns } from '../../../client/gateway/runs.ts';
import type { ScheduleRuns } from '../../../client/gateway/schedules.ts';
import { HOURLY } from '../../support/schedules.ts';
import { realServer } from '../../support/temporal.ts';
import { eventually } from '../../support/wait.ts';

describe('schedules in Temporal', function () {
  this.timeout(60_000);
  let server: TestWorkflowEnvironment;
  let schedules: ScheduleRuns;
  before(async () => {
    server = await realServer();
    ({ schedules } = createRuns('demo', server.client));
  });
  after(() => server.teardown());
  const live = async (schedule: Schedule) => {
    const found = await schedules.live(schedule);
    if (found === undefined) throw new Error('Temporal knows no such schedule');
    return found;
  };
  const cancelAll = async (schedule: Schedule): Promise<void> => {
    for (const id of (await live(schedule)).running) await server.client.workflow.getHandle(id).terminate();
    await eventually('no run', async () => ((await live(schedule)).running.length === 0 ? true : undefined));
  };

  it('are created with next runs on the hour, the policies said', async () => {
    const schedule = { ...HOURLY, name: 'created' };
    assert.equal(await schedules.live(schedule), undefined);
    assert.equal(await schedules.apply(schedule), true);
    const { nextRuns, paused, runs } = await live(schedule);
    assert.match(nextRuns[0] ?? '', /:00:00\.000Z$/);
    assert.deepEqual([paused, runs], [false, 0]);
    const { policies, action } = await server.client.schedule
      .getHandle('schedule/demo/crm/created')
      .describe();
    assert.deepEqual(
      [policies.overlap, policies.catchupWindow, action.workflowType, action.args],
      ['SKIP', 3_600_000, 'syncSource', [{ tenant: 'demo', source: 'crm' }]],
    );
  });

  it('follow the version in the store, and keep what an operator did to the same version', async () => {
    const schedule = { ...HOURLY, name: 'followed' };
    await schedules.apply(schedule);
    await server.client.schedule.getHandle('schedule/demo/crm/followed').pause('by hand');
    await schedules.apply(schedule);
    assert.equal((await live(schedule)).paused, true);
    const timing = { cron: ['30 6 * * *'], timeZone: 'Europe/Berlin' };
    await schedules.apply({ ...schedule, timing, version: 2 });
    const { paused, nextRuns } = await live(schedule);
    assert.equal(paused, false);
    assert.match(nextRuns[0] ?? '', /T0[45]:30:00\.000Z$/);
  });

  it('start a run when triggered, paused or not', async () => {
    const schedule = { ...HOURLY, name: 'triggered', paused: true };
    const run = await schedules.trigger(schedule, 'skip');
    assert.match(run?.workflowId ?? '', /^sync\/demo\/crm-\d{4}-\d{2}-\d{2}T/);
    assert.deepEqual((await live(schedule)).running, [run?.workflowId]);
    assert.equal((await live(schedule)).recentRuns[0]?.workflowId, run?.workflowId);
    await cancelAll(schedule);
  });

  it('start the runs of the past when backfilled', async () => {
    const schedule = { ...HOURLY, name: 'backfilled', source: 'crm2' };
    await schedules.backfill(schedule, {
      from: new Date('2026-03-01T00:30:00Z'),
      to: new Date('2026-03-01T03:30:00Z'),
      overlap: 'allow-all',
    });
    const runs = await eventually('three runs', async () => {
      const { recentRuns } = await live(schedule);
      return recentRuns.length === 3 ? recentRuns : undefined;
    });
    assert.deepEqual(
      runs.map(({ dueAt }) => dueAt).sort(),
      ['01', '02', '03'].map((hour) => `2026-03-01T${hour}:00:00.000Z`),
    );
    await cancelAll(schedule);
  });

  it('are gone when removed, and removing twice is no fault', async () => {
    const schedule = { ...HOURLY, name: 'removed' };
    await schedules.apply(schedule);
    assert.equal(await schedules.remove(schedule), true);
    assert.equal(await schedules.remove(schedule), true);
    assert.equal(await schedules.live(schedule), undefined);
  });
});

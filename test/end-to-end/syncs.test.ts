import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform, type CliResult, type Platform } from '../support/platform.ts';
import { contact, FakeSalesforce } from '../support/vendors/salesforce.ts';
import { eventually } from '../support/wait.ts';

interface ShownSchedule {
  readonly paused: boolean;
  readonly note?: string;
  readonly live: {
    readonly paused: boolean;
    readonly nextRuns: string[];
    readonly recentRuns: { readonly workflowId: string }[];
    readonly running: string[];
  } | null;
}

interface ShownRun {
  readonly runId: string;
  readonly status: string;
  readonly stored: number;
  readonly rows: number;
  readonly detail: string | null;
}

describe('an hourly sync of a CRM, on the command line', function () {
  this.timeout(300_000);
  const vendor = new FakeSalesforce();
  let data: string;
  let platform: Platform;
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'tessera-syncs-'));
    await vendor.listen();
    vendor.fields.set('Contact', { FirstName: 'string', Email: 'email' });
    vendor.objects.set('Contact', vendor.contacts(5));
    platform = await startPlatform({ data });
    await writeFile(join(data, 'secret'), vendor.client.clientSecret);
  });
  after(async () => {
    await platform.stop();
    await vendor.close();
    await rm(data, { recursive: true, force: true });
  });

  const ok = async (...args: string[]): Promise<CliResult> => {
    const result = await platform.cli(...args);
    assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}${result.stdout}`);
    return result;
  };
  const json = async <T>(...args: string[]): Promise<T> =>
    JSON.parse((await ok(...args, '--json')).stdout) as T;
  const shown = (): Promise<ShownSchedule> => json('schedule', 'show', 'crm/hourly');
  const runs = async (): Promise<ShownRun[]> =>
    (await json<{ items: ShownRun[] }>('source', 'sync', 'runs', 'crm')).items;
  const ended = (count: number): Promise<ShownRun> =>
    eventually('the run to end', async () => {
      const all = await runs();
      return all.length >= count ? all[0] : undefined;
    });

  it('is set up, created, and says when it runs next', async () => {
    const early = await platform.cli('schedule', 'create', 'crm/hourly', '--every', 'PT1H');
    assert.equal(early.code, 1);
    assert.match(early.stderr, /has no sync/);
    const client = ['--client-id', vendor.client.clientId, '--secret-file', join(data, 'secret')];
    const where = ['--vendor', 'salesforce', '--url', vendor.url, '--objects', 'Contact'];
    await ok('source', 'sync', 'set', 'crm', ...where, '--auth', 'client-credentials', ...client);
    // Half an hour from now, so that no run is due by itself while these tests go on.
    const offset = `PT${(new Date().getUTCMinutes() + 30) % 60}M`;
    const hourly = ['--every', 'PT1H', '--offset', offset, '--jitter', 'PT30S'];
    const created = await ok('schedule', 'create', 'crm/hourly', ...hourly);
    assert.match(created.stdout, /every PT1H/);
    const { live } = await shown();
    assert.ok((live?.nextRuns.length ?? 0) > 0);
    assert.match((await ok('schedule', 'list')).stdout, /crm\/hourly.*sync.*every PT1H.*waiting/);
    assert.equal((await platform.cli('schedule', 'show', 'hourly')).code, 2);
  });

  it('is triggered: its records are in profiles, once', async () => {
    const { run } = await json<{ run: { workflowId: string } }>('schedule', 'trigger', 'crm/hourly');
    assert.match(run.workflowId, /^sync\/demo\/crm-/);
    const { status, stored, runId, detail } = await ended(1);
    assert.deepEqual([status, stored, detail], ['done', 5, null]);
    assert.match((await ok('source', 'sync', 'run', 'crm', runId)).stdout, /Contact/);
    assert.match((await ok('profile', 'show', 'email:person-3@example.com')).stdout, /Person 3/);
    assert.equal((await shown()).live?.recentRuns[0]?.workflowId, run.workflowId);
  });

  it('is paused with a reason, and resumed', async () => {
    await ok('schedule', 'pause', 'crm/hourly', '--note', 'the vendor is down');
    const paused = await shown();
    assert.deepEqual([paused.paused, paused.note, paused.live?.paused], [true, 'the vendor is down', true]);
    await ok('schedule', 'resume', 'crm/hourly');
    const resumed = await shown();
    assert.deepEqual([resumed.paused, resumed.note, resumed.live?.paused], [false, undefined, false]);
  });

  it('is backfilled: what was changed since then is read again, and only what is new is stored', async () => {
    vendor.objects
      .get('Contact')
      ?.push(contact(2, { SystemModstamp: '2026-03-01T10:30:00.000+0000', Title: 'x' }));
    await ok(
      'schedule',
      'backfill',
      'crm/hourly',
      '--from',
      '2026-03-01T09:30:00Z',
      '--to',
      '2026-03-01T12:30:00Z',
    );
    const { status, rows, stored } = await ended(2);
    assert.deepEqual([status, rows, stored], ['done', 6, 1]);
  });

  it('is there again after Temporal lost everything, and reads on from its cursor', async () => {
    await platform.stop({ keep: true });
    const files = (await readdir(data, { recursive: true })).filter((file) =>
      /temporal.*\.(db|sqlite)/i.test(file),
    );
    assert.ok(files.length > 0, 'there is a database of Temporal to lose');
    for (const file of files) await rm(join(data, file), { force: true });
    platform = await startPlatform({ data });
    await eventually('the schedule', async () => ((await shown()).live === null ? undefined : true));
    assert.equal((await shown()).live?.recentRuns.length, 0);
    vendor.objects.get('Contact')?.push(contact(6));
    await ok('schedule', 'trigger', 'crm/hourly');
    const { status, stored } = await ended(3);
    assert.deepEqual([status, stored], ['done', 1]);
  });

  it('counts, keeps its secrets to itself, and is removed', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${platform.workerMetricsPort}/metrics`)).text();
    assert.match(metrics, /tessera_sync_runs_total\{source="crm",status="done"\} 1/);
    const log = await Promise.all(
      (await readdir(data, { recursive: true }))
        .filter((file) => file.endsWith('.log'))
        .map((file) => readFile(join(data, file), 'utf8')),
    );
    for (const text of [...log, (await ok('source', 'sync', 'show', 'crm', '--json')).stdout]) {
      assert.ok(!text.includes(vendor.client.clientSecret) && !text.includes('access-'));
    }
    await ok('schedule', 'remove', 'crm/hourly');
    assert.equal((await platform.cli('schedule', 'show', 'crm/hourly')).code, 1);
  });
});

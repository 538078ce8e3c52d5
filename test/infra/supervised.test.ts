import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartFailure } from '../../infra/local/failure.ts';
import { guard } from '../../infra/local/supervise/guard.ts';
import { lockDataFolder } from '../../infra/local/supervise/lock.ts';
import { LogFile } from '../../infra/local/supervise/log-file.ts';
import { endOrphans, PidFile } from '../../infra/local/supervise/pids.ts';
import { isAlive, waitGone } from '../../infra/local/supervise/processes.ts';
import { backoff, Supervised, type ProcessSpec } from '../../infra/local/supervise/supervised.ts';

const SERVES = "console.log('up'); setInterval(() => {}, 1000);";
const STUBBORN = `process.on('SIGTERM', () => {}); ${SERVES}`;
const BROKEN = "console.error('no disk today'); process.exit(3);";

describe('a supervised process', () => {
  let data = '';
  let running: Supervised | undefined;
  /** Every id that was announced, in order; undefined for "none". */
  let pids: (number | undefined)[] = [];
  let announced: () => void = () => undefined;

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'tessera-infra-'));
    await mkdir(join(data, 'logs'));
    pids = [];
  });

  afterEach(async () => {
    await running?.stop();
    await rm(data, { recursive: true, force: true });
  });

  function supervise(script: string, spec: Partial<ProcessSpec> = {}): Supervised {
    const log = new LogFile(data, 'child');
    running = new Supervised(
      {
        name: 'child',
        command: process.execPath,
        args: ['-e', script],
        env: process.env,
        log,
        isHealthy: async () => (await log.tail(1)).length > 0,
        readyWithinMs: 10_000,
        graceMs: 500,
        ...spec,
      },
      (_name, pid) => {
        pids.push(pid);
        announced();
      },
    );
    return running;
  }

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        announced = resolve;
      });
    }
  }

  it('is started again when it is killed', async () => {
    await supervise(SERVES).start();
    const first = pids[0]!;
    process.kill(first, 'SIGKILL');
    await until(() => pids.length === 3);
    assert.equal(pids[1], undefined);
    assert.ok(pids[2] !== undefined && pids[2] !== first && isAlive(pids[2]));
  });

  it('is prepared before it is started again', async () => {
    const calls: string[] = [];
    await supervise(SERVES, {
      beforeRestart: () => {
        calls.push(`after ${pids.length} announcements`);
        return Promise.reject(new Error('only delays'));
      },
    }).start();
    process.kill(pids[0]!, 'SIGKILL');
    await until(() => pids.length === 3);
    assert.deepEqual(calls, ['after 2 announcements']);
  });

  it('that ends before it serves is not started again, and its last words are passed on', async () => {
    await assert.rejects(
      supervise(BROKEN, { isHealthy: () => Promise.resolve(false) }).start(),
      (error) =>
        error instanceof StartFailure && /ended before it was ready: no disk today/.test(error.message),
    );
    assert.deepEqual(pids.length, 2);
  });

  it('that can not be run at all is a clear failure', async () => {
    await assert.rejects(supervise('', { command: '/nonexistent' }).start(), StartFailure);
  });

  it('that is never ready is stopped after its time', async () => {
    const child = supervise(SERVES, { isHealthy: () => Promise.resolve(false), readyWithinMs: 300 });
    await assert.rejects(child.start(), /not ready within 0\.3 s/);
    assert.ok(!isAlive(pids[0]!));
  });

  it('that does not heed the request to stop is ended after its grace', async () => {
    const child = supervise(STUBBORN);
    await child.start();
    await child.stop();
    assert.ok(!isAlive(pids[0]!));
    assert.deepEqual(pids.slice(1), [undefined]);
  });

  it('dies with a supervisor that was killed', async () => {
    const child = spawn(process.execPath, ['-e', SERVES], { stdio: 'ignore', detached: true });
    const module = new URL('../../infra/local/supervise/guard.ts', import.meta.url).href;
    const supervisor = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        '--input-type=module',
        '-e',
        `(await import('${module}')).guard(${child.pid}); console.log('on'); setInterval(() => {}, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(supervisor.stdout, 'data');
    const ended = once(child, 'exit');
    supervisor.kill('SIGKILL');
    await ended;
  });

  it('outlives the end of its guard', async () => {
    const child = spawn(process.execPath, ['-e', SERVES], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    await once(child.stdout, 'data');
    guard(child.pid!)();
    assert.equal(await waitGone(child.pid!, 500), false);
    child.kill('SIGKILL');
  });

  it('waits longer after each failure, within bounds', () => {
    assert.deepEqual([0, 1, 2, 3].map(backoff), [100, 200, 400, 800]);
    assert.equal(backoff(50), 10_000);
  });
});

describe('what a killed supervisor leaves', () => {
  let data = '';

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'tessera-infra-'));
  });

  afterEach(() => rm(data, { recursive: true, force: true }));

  it('is ended if it is ours, and left alone if its id is somebody else’s by now', async () => {
    const ours = spawn(process.execPath, ['-e', SERVES, `${data}/mark`], { stdio: 'ignore' });
    const other = spawn(process.execPath, ['-e', SERVES], { stdio: 'ignore' });
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'exit');
    const file = new PidFile(data);
    await file.set('gateway', ours.pid);
    await file.set('worker', other.pid);
    await file.set('temporal', gone.pid);
    const ended = once(ours, 'exit');
    assert.equal(await endOrphans(new PidFile(data), `${data}/`), 1);
    await ended;
    assert.ok(isAlive(other.pid!));
    other.kill('SIGKILL');
    await assert.rejects(readFile(join(data, 'pids.json')));
  });

  it('a lock of a process that is gone is taken over', async () => {
    await writeFile(join(data, 'supervisor.lock'), '999999999 0\n');
    const unlock = await lockDataFolder(data);
    assert.match(await readFile(join(data, 'supervisor.lock'), 'utf8'), new RegExp(`^${process.pid} `));
    await unlock();
  });

  it('a lock of a supervisor that runs is respected', async () => {
    const holder = spawn(process.execPath, ['-e', SERVES, 'infra/local/main.ts'], { stdio: 'ignore' });
    await writeFile(join(data, 'supervisor.lock'), `${holder.pid} 0\n`);
    await assert.rejects(lockDataFolder(data), /is running on .* already/);
    holder.kill('SIGKILL');
  });

  it('a lock of a supervisor that runs is respected where no program tells of processes', async () => {
    const holder = spawn(process.execPath, ['-e', SERVES, 'infra/local/main.ts'], { stdio: 'ignore' });
    await writeFile(join(data, 'supervisor.lock'), `${holder.pid} 0\n`);
    const path = process.env['PATH'];
    process.env['PATH'] = data;
    try {
      await assert.rejects(lockDataFolder(data), /is running on .* already/);
    } finally {
      process.env['PATH'] = path;
      holder.kill('SIGKILL');
    }
  });

  it('a process list that is damaged stops nothing', async () => {
    await writeFile(join(data, 'pids.json'), '{"gateway": ');
    assert.equal(await endOrphans(new PidFile(data), `${data}/`), 0);
  });
});

describe('the list of running processes', () => {
  it('is replaced whole at each change, in order', async () => {
    const data = await mkdtemp(join(tmpdir(), 'tessera-infra-'));
    const file = new PidFile(data);
    await Promise.all([file.set('temporal', 1), file.set('gateway', 2), file.set('temporal', undefined)]);
    assert.deepEqual(await file.read(), { gateway: 2 });
    await file.remove();
    assert.deepEqual(await file.read(), {});
    await rm(data, { recursive: true });
  });
});

describe("a child's log", () => {
  it('is set aside when it has grown too long, and goes on at its new end', async () => {
    const data = await mkdtemp(join(tmpdir(), 'tessera-infra-'));
    await mkdir(join(data, 'logs'));
    const log = new LogFile(data, 'x', 10);
    await writeFile(log.path, 'one\ntwo\nthree\n');
    await log.rotate();
    assert.equal(await readFile(log.path, 'utf8'), '');
    assert.equal(await readFile(`${log.path}.1`, 'utf8'), 'one\ntwo\nthree\n');
    await writeFile(log.path, 'four\n\n');
    await log.rotate();
    assert.deepEqual(await log.tail(2), ['four']);
    await rm(data, { recursive: true });
  });
});

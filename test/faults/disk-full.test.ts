import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startPlatform, type Platform } from '../support/platform.ts';
import { eventually } from '../support/wait.ts';
import { assertInvariants, summary } from './invariants.ts';
import { startLoad } from './load.ts';
import { SEED } from './seed.ts';

const DISK_BYTES = 320 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024);

/** Writes until nothing fits any more. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, CHUNK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

describe('a full disk', () => {
  let disk: string;
  let platform: Platform | undefined;
  before(function () {
    disk = mkdtempSync(join(tmpdir(), 'tessera-disk-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk]);
    if (mounted.status !== 0) {
      rmdirSync(disk);
      this.skip();
    }
  });
  after(async () => {
    await platform?.stop({ keep: true });
    spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  it('stops acceptance with 503, loses nothing, and is over once there is room', async () => {
    platform = await startPlatform({ data: join(disk, 'data') });
    const running = platform;
    const load = startLoad(() => running, { seed: SEED + 30, people: 40, pauseMs: 20 });
    await delay(1_500);
    assert.ok(statfsSync(disk).bavail > 0, 'the disk was full before it was filled');
    fill(join(disk, 'filler'));
    await eventually('acceptance to stop with 503', () => {
      fill(join(disk, 'filler-2'));
      return Promise.resolve((load.journal.statuses.get(503) ?? 0) > 3 ? true : undefined);
    });
    const whileFull = load.journal.acknowledged.size;
    rmSync(join(disk, 'filler'));
    rmSync(join(disk, 'filler-2'));
    await eventually('acceptance to go on', () =>
      Promise.resolve(load.journal.acknowledged.size > whileFull + 200 ? true : undefined),
    );
    await load.finish();
    console.log(`      ${summary(load)}`);
    await assertInvariants(running, load);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startPlatform, type Platform } from '../support/platform.ts';
import { between, seeded } from '../support/random.ts';
import { assertInvariants, diagnosis, summary } from './invariants.ts';
import { startLoad } from './load.ts';
import { assertRefolds } from './refold.ts';
import { ROUNDS, SEED } from './seed.ts';

const PEOPLE = 60;

describe('kill -9 at any moment under load', () => {
  let data: string;
  let platform: Platform;
  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), 'tessera-faults-'));
    platform = await startPlatform({ data });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.log(await diagnosis(platform));
    await platform.stop({ keep: true });
    rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  /** Loads, breaks, checks the invariants, and folds what is stored again. */
  async function under(seed: number, fault: (random: () => number) => Promise<void>): Promise<void> {
    const random = seeded(seed);
    const load = startLoad(() => platform, { seed, people: PEOPLE });
    await delay(between(random, 500, 1_500));
    for (let round = 0; round < ROUNDS; round += 1) {
      await fault(random);
      await delay(between(random, 100, 2_500));
    }
    await load.finish();
    console.log(`      ${summary(load)}`);
    await assertInvariants(platform, load);
    await platform.stop({ keep: true });
    const { fragments, snapshots, events } = await assertRefolds(data);
    console.log(`      folded ${events} events of ${fragments} fragments again, ${snapshots} with snapshots`);
    assert.ok(fragments >= PEOPLE && events > 0, 'a log without events proves nothing');
  }

  for (const [number, name] of ['gateway', 'worker', 'temporal'].entries())
    it(`of the ${name} loses, repeats and invents nothing`, async () => {
      await under(SEED + number, async () => {
        await platform.recovered(name, platform.kill(name));
      });
    });

  it('of one process after the other, while the one before is still coming back, does neither', async () => {
    await under(SEED + 10, async (random) => {
      const names = Object.keys(platform.pids());
      const killed: [string, number][] = [];
      for (const name of names.sort(() => random() - 0.5)) {
        killed.push([name, platform.kill(name)]);
        await delay(between(random, 0, 400));
      }
      for (const [name, pid] of killed) await platform.recovered(name, pid);
    });
  });

  it('of everything at once, as in a power cut, does neither', async () => {
    await under(SEED + 20, async () => {
      await platform.crash();
      platform = await startPlatform({ data });
    });
  });
});

import assert from 'node:assert/strict';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Status } from '../../support/api.ts';
import type { Platform } from '../../support/platform.ts';
import { track, word } from '../../support/segment.ts';
import { isAlive } from '../../support/platform.ts';

/** Temporal's database under a data folder, with what SQLite keeps beside it. */
function temporalFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /temporal/i.test(name) && /\.(db|sqlite)(-\w+)?$/.test(name))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

function sameTotals(actual: Status, expected: Status): void {
  assert.deepEqual(
    [actual.profiles, actual.fragments, actual.events, actual.sources],
    [expected.profiles, expected.fragments, expected.events, expected.sources],
  );
}

/** Stops, starts and losses. `restart` stops the platform, lets `meanwhile` run, and starts it on the same data. */
export function restartCases(
  platform: () => Platform,
  restart: (meanwhile?: (data: string) => void) => Promise<void>,
): void {
  it('counts exactly: received is stored, duplicate and quarantined', async () => {
    const status = await platform().drained();
    for (const [name, source] of Object.entries(status.sources))
      assert.equal(source.received, source.stored + source.duplicates + source.quarantined, name);
  });

  it('finds all data again after a stop and a start, and leaves no process behind', async () => {
    const user = word('u');
    await platform().send([track('Before', { userId: user })]);
    const status = await platform().drained();
    const profile = await platform().profile(`userId:${user}`);
    const { pids, tokens } = platform();
    const before = Object.values(pids());
    await restart(() => {
      assert.deepEqual(
        before.filter((pid) => isAlive(pid)),
        [],
        'processes outlived Ctrl-C',
      );
    });
    assert.deepEqual(platform().tokens, tokens);
    sameTotals(await platform().drained(), status);
    assert.deepEqual(await platform().profile(`userId:${user}`), profile);
  });

  it("loses nothing with Temporal's database deleted, and goes on", async () => {
    const user = word('u');
    await platform().send(Array.from({ length: 300 }, () => track('Before', { userId: user })));
    const events = (await platform().status()).sources['web']?.received;
    await restart((data) => {
      const files = temporalFiles(data);
      assert.ok(files.length > 0, 'no database of Temporal was found to delete');
      for (const file of files) rmSync(file);
    });
    await platform().send([track('After', { userId: user })]);
    const status = await platform().drained();
    assert.equal(status.sources['web']?.received, (events ?? 0) + 1);
    assert.equal((await platform().timeline(`userId:${user}`)).length, 301);
  });
}

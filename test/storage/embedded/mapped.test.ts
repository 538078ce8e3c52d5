import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mappedBytes, mappingsBelow } from '../../../storage/embedded/mapped.ts';
import { openEmbedded } from '../../../storage/embedded/open.ts';
import type { Storage } from '../../../storage/ports.ts';
import { eventually } from '../../support/wait.ts';

const MAPS = `560bfe99d000-560bfe9a0000 r--p 00000000 fe:00 247741                     /usr/bin/node
7f0000000000-7f0400000000 r--s 00000000 fe:00 1234                       /data/a b/tables/log/data.mdb
7f0500000000-7f0500002000 rw-s 00000000 fe:00 1235                       /data/a b/tables/log/lock.mdb
7f0600000000-7f0600001000 r--s 00000000 fe:00 1236                       /data/a b/tables-other/data.mdb
7ffd0d3a1000-7ffd0d3c2000 rw-p 00000000 00:00 0                          [stack]
7ffd0d3d1000-7ffd0d3d2000 rw-p 00000000 00:00 0
`;

const VALUE = Buffer.alloc(4_000, 7);
const ITEMS = 40_000;

async function fill(storage: Storage): Promise<void> {
  for (let at = 0; at < ITEMS; at += 100)
    await storage.log.write(
      Array.from({ length: 100 }, (_, i) => ({
        ...{ kind: 'put' as const, pk: `p/${at + i}`, sk: 's' },
        ...{ version: 1, value: VALUE },
      })),
    );
}

async function mapped(): Promise<number> {
  return mappedBytes(await readFile('/proc/self/status', 'utf8'));
}

describe('mapped files', () => {
  it('are found by their folder', () => {
    assert.deepEqual(mappingsBelow('/data/a b/tables', MAPS), [
      { address: 0x7f0000000000n, bytes: 0x400000000n },
      { address: 0x7f0500000000n, bytes: 0x2000n },
    ]);
    assert.deepEqual(mappingsBelow('/data', ''), []);
  });

  it('are as large in memory as the system says', () => {
    assert.equal(mappedBytes('VmRSS:\t  100 kB\nRssAnon:\t   40 kB\nRssFile:\t   60 kB\n'), 61_440);
    assert.equal(mappedBytes('VmRSS:\t  100 kB\n'), 0);
  });

  it('are given back once they are much, and read on as they were', async function () {
    if (process.platform !== 'linux') this.skip();
    const dir = await mkdtemp(join(tmpdir(), 'tessera-mapped-'));
    const storage = await openEmbedded({ kind: 'embedded', dir });
    try {
      const before = await mapped();
      await fill(storage);
      let items = 0;
      for await (const { value } of storage.log.scan('p/')) {
        items += 1;
        if (!VALUE.equals(value)) assert.fail(`item ${items} is another`);
      }
      assert.equal(items, ITEMS);
      await eventually('most of 160 MB to be given back', async () => {
        await storage.log.get({ pk: 'p/39', sk: 's' });
        return (await mapped()) - before < 100 * 2 ** 20 || undefined;
      });
    } finally {
      await storage.close();
      await rm(dir, { recursive: true, force: true });
    }
  });
});

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbedded } from '../../../storage/embedded/open.ts';
import type { Storage } from '../../../storage/ports.ts';

const SCRIPT = fileURLToPath(new URL('other-process.ts', import.meta.url));

describe('embedded storage in several processes', () => {
  let dir: string;
  let storage: Storage;
  let other: ChildProcess;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tessera-processes-'));
    storage = await openEmbedded({ kind: 'embedded', dir });
    other = fork(SCRIPT, [dir], { execArgv: ['--import', 'tsx'] });
    await once(other, 'message');
  });
  afterEach(async () => {
    other.kill('SIGKILL');
    await storage.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('sees what another process has committed, also right after a read of its own', async () => {
    for (let i = 0; i < 50; i += 1) {
      const sk = `fresh${i}`;
      const said = once(other, 'message');
      other.send({ sk, times: 1 });
      assert.equal(await storage.log.get({ pk: 'p', sk: 'none' }), undefined);
      assert.deepEqual((await said)[0], { done: sk });
      assert.ok(await storage.log.get({ pk: 'p', sk }), sk);
      assert.equal((await storage.log.query({ pk: 'p', from: sk, to: `${sk}!` })).length, 1);
    }
  });

  it('keeps every acknowledged write of a process that is killed, and writes on', async () => {
    const acknowledged: string[] = [];
    const enough = new Promise<void>((resolve) => {
      other.on('message', (message: { readonly acknowledged?: string }) => {
        if (message.acknowledged !== undefined) acknowledged.push(message.acknowledged);
        if (acknowledged.length === 40) {
          other.kill('SIGKILL');
          resolve();
        }
      });
    });
    other.send({ sk: 'k', times: 1_000_000 });
    await enough;
    await storage.log.write([{ kind: 'put', pk: 'p', sk: 'after', version: 1, value: Buffer.from('x') }]);
    const items = await storage.log.getMany(acknowledged.map((sk) => ({ pk: 'p', sk })));
    assert.ok(acknowledged.length >= 40 && items.every((item) => item !== undefined));
    assert.ok(await storage.log.get({ pk: 'p', sk: 'after' }));
  });
});

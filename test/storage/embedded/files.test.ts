import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedded } from '../../../storage/embedded/open.ts';
import { KeyGone, StoreFull, StoreUnavailable } from '../../../storage/errors.ts';
import { storageFault } from '../../../storage/embedded/faults.ts';
import type { Storage } from '../../../storage/ports.ts';

describe('embedded storage as files', () => {
  let base: string;
  let dir: string;
  let storage: Storage;

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'tessera-files-'));
    dir = join(base, 'tenant');
    storage = await openEmbedded({ kind: 'embedded', dir });
  });
  afterEach(async () => {
    await storage.close();
    await rm(base, { recursive: true, force: true });
  });

  it('can be read by its owner alone', async () => {
    await storage.blobs.put('a/b', Buffer.from('x'));
    await storage.master.generate('x');
    const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
    assert.equal(await mode(dir), 0o700);
    for (const file of ['master.key', 'epochs/1.key', 'blobs/objects/a/b~']) {
      assert.equal(await mode(join(dir, file)), 0o600, file);
    }
  });

  it('keeps keys that look like paths inside its folder', async () => {
    const keys = [
      '../out',
      '../../out',
      'a/../../../out',
      '.',
      '..',
      './x',
      '%2e%2e/x',
      'a\\b',
      'nul\u0000',
      '~',
      'a~',
    ];
    for (const key of keys) await storage.blobs.put(key, Buffer.from(key));
    for (const key of keys) assert.equal(Buffer.from((await storage.blobs.get(key))!).toString(), key);
    assert.deepEqual(await storage.blobs.list(''), [...keys].sort());
    assert.deepEqual(await readdir(base), ['tenant']);
    assert.deepEqual((await readdir(dir)).sort(), ['blobs', 'epochs', 'master.key', 'tables']);
  });

  it('leaves no unfinished file behind', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        storage.blobs.put(`k${i % 3}`, Buffer.from('x'), { ifAbsent: i % 2 === 0 }),
      ),
    );
    const unfinished = (): Promise<string[]> => readdir(join(dir, 'blobs', 'unfinished'));
    for (const name of await unfinished())
      assert.equal((await stat(join(dir, 'blobs', 'unfinished', name))).size, 0, 'created ahead');
    await storage.close();
    assert.deepEqual(await unfinished(), []);
    storage = await openEmbedded({ kind: 'embedded', dir });
  });

  it('goes on where a file that it created ahead is gone', async () => {
    await storage.blobs.put('a', Buffer.from('1'));
    await storage.blobs.put('b', Buffer.from('2'));
    for (const name of await readdir(join(dir, 'blobs', 'unfinished')))
      await rm(join(dir, 'blobs', 'unfinished', name));
    const tries = await Promise.allSettled(
      ['3', '4'].map((text) => storage.blobs.put('c', Buffer.from(text))),
    );
    assert.ok(tries.some(({ status }) => status === 'fulfilled'));
    await storage.blobs.put('c', Buffer.from('5'));
    assert.equal(Buffer.from((await storage.blobs.get('c'))!).toString(), '5');
  });

  it('refuses to open with a master key that was cut short', async () => {
    await storage.close();
    const path = join(dir, 'master.key');
    const key = await readFile(path);
    await writeFile(path, key.subarray(0, 10));
    await assert.rejects(openEmbedded({ kind: 'embedded', dir }), KeyGone);
    await writeFile(path, key);
    storage = await openEmbedded({ kind: 'embedded', dir });
  });

  it('tells a full disk from other faults', () => {
    const fault = (code: string): Error => storageFault('it', dir, Object.assign(new Error('x'), { code }));
    assert.ok(fault('ENOSPC') instanceof StoreFull);
    assert.ok(fault('EDQUOT') instanceof StoreFull);
    assert.ok(fault('EIO') instanceof StoreUnavailable);
  });

  it('commits many writes of one turn in few flushes, each judged by itself', async () => {
    const one = (i: number): Promise<void> =>
      storage.log.write([
        { kind: 'put', pk: 'p', sk: String(i % 250), version: i, value: Buffer.from('x'), expect: 'absent' },
      ]);
    const results = await Promise.allSettled(Array.from({ length: 500 }, (_, i) => one(i)));
    assert.equal(results.slice(0, 250).filter((result) => result.status === 'fulfilled').length, 250);
    assert.equal(results.slice(250).filter((result) => result.status === 'rejected').length, 250);
  });
});

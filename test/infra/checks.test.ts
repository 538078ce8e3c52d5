import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDataFolder } from '../../infra/local/checks.ts';
import { StartFailure } from '../../infra/local/failure.ts';

describe('the data folder', () => {
  let folder = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-infra-'));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it("is made with its parents, and is its owner's alone", async () => {
    const data = join(folder, 'a', 'b');
    await prepareDataFolder(data);
    await prepareDataFolder(data);
    assert.equal((await stat(data)).mode & 0o777, 0o700);
  });

  it('that can not be made is a clear failure', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await assert.rejects(
      prepareDataFolder(join(file, 'x')),
      (error) => error instanceof StartFailure && error.remedy.includes('--data DIR'),
    );
  });
});

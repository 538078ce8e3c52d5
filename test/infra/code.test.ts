import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { processCode } from '../../infra/local/code.ts';

const run = promisify(execFile);
const ADDRESS = new URL('./fixtures/address.ts', import.meta.url).href;
const runs = async (code: readonly string[]): Promise<string> =>
  (await run(process.execPath, [...code], { env: {} })).stdout.trim();

describe('the code of processes', () => {
  it('is JavaScript that finds files beside the sources', async () => {
    const { probe } = await processCode({ probe: 'test/infra/fixtures/address.ts' });
    assert.match(probe.at(-1) ?? '', /\.cache\/processes\/probe-\w+\.mjs$/);
    assert.equal(await runs(probe), ADDRESS);
  });

  it('is the same file as long as the sources are the same', async () => {
    const made = (): Promise<Record<string, readonly string[]>> =>
      processCode({ probe: 'test/infra/fixtures/address.ts' });
    assert.deepEqual(await made(), await made());
  });

  it('is the sources where none can be made of them', async () => {
    const entries = { probe: 'test/infra/fixtures/address.ts', broken: 'test/infra/fixtures/none.ts' };
    const { probe, broken } = await processCode(entries);
    assert.equal(await runs(probe), ADDRESS);
    assert.match(broken.at(-1) ?? '', /fixtures\/none\.ts$/);
  });
});

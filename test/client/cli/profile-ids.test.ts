import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { eachOnStub, type Ran, type StubPlatform } from './stub.ts';

const CSV = 'value,profileId\nrec-1,p_1\n"a ""b"", c",p_2\n+41791234567,p_1\n';

describe('tessera profile ids', function () {
  this.timeout(30_000);
  let stub: StubPlatform;
  let url = '';
  let folder = '';

  const command = eachOnStub((given) => {
    ({ stub, url, folder } = given);
    stub.on(
      'GET /v1/profiles/ids',
      { body: { items: [{ value: 'rec-1', profileId: 'p_1' }], cursor: 'next' } },
      { body: { items: [], cursor: 'more' } },
      {
        body: {
          items: [
            { value: 'a "b", c', profileId: 'p_2' },
            { value: '+41791234567', profileId: 'p_1' },
          ],
          cursor: null,
        },
      },
    );
  });
  const run = (...args: string[]): Promise<Ran> => command('profile', 'ids', ...args);

  it('writes every page into a file that its owner alone can read', async () => {
    const ran = await run('--type', 'crmId', '--out', 'ids.csv', '--json');
    assert.equal(ran.code, 0, ran.err);
    assert.equal(await readFile(join(folder, 'ids.csv'), 'utf8'), CSV);
    assert.equal((await stat(join(folder, 'ids.csv'))).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ['ids.csv']);
    const { values, type } = JSON.parse(ran.out) as Record<string, unknown>;
    assert.deepEqual({ values, type }, { values: 3, type: 'crmId' });
    assert.deepEqual(
      stub.seen.map(({ url: asked }) => new URL(asked, url).searchParams.get('cursor')),
      [null, 'next', 'more'],
    );
  });

  it('writes to standard output, and nothing else there', async () => {
    const ran = await run('--type', 'crmId', '--out', '-');
    assert.equal(ran.code, 0, ran.err);
    assert.equal(ran.out, CSV);
  });

  it('leaves no half of a file behind, and says what is wrong', async () => {
    stub.on(
      'GET /v1/profiles/ids',
      { body: { items: [{ value: 'rec-1', profileId: 'p_1' }], cursor: 'next' } },
      { status: 503, body: { title: 'Not now', detail: 'The store is away.' } },
    );
    const ran = await run('--type', 'crmId', '--out', 'ids.csv');
    assert.equal(ran.code, 1);
    assert.match(ran.err, /The store is away/);
    assert.deepEqual(await readdir(folder), []);
    const nowhere = await run('--type', 'crmId', '--out', 'no/such/folder.csv');
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.err, /can't be written/);
  });

  it('is misused without a type or a file, and with two things on standard output', async () => {
    for (const args of [[], ['--type', 'crmId'], ['--type', 'crmId', '--out', '-', '--json']])
      assert.equal((await run(...args)).code, 2);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, type Platform } from '../../support/platform.ts';
import { identify, word } from '../../support/segment.ts';

type Json = Record<string, unknown>;

/** The verbs of the spine: what they answer to programs, and their exit codes. */
export function commandLineCases(platform: () => Platform): void {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-cli-'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const json = async (...args: string[]): Promise<Json> => {
    const { code, stdout, stderr } = await platform().cli(...args, '--json');
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return JSON.parse(stdout) as Json;
  };
  const codeOf = async (...args: string[]): Promise<number | null> => (await platform().cli(...args)).code;

  it('status and doctor answer to programs and people', async () => {
    assert.deepEqual(await json('status'), await platform().status());
    assert.equal((await json('doctor'))['ok'], true);
    const { code, stdout } = await platform().cli('status');
    assert.equal(code, 0);
    assert.match(stdout, /web/);
  });

  it('finds the platform and the token by the data folder alone', async () => {
    const { data } = platform();
    const { code, stdout } = await runCli(['status', '--json'], { TESSERA_DATA: data });
    assert.equal(code, 0);
    assert.ok('profiles' in (JSON.parse(stdout) as Json));
  });

  it('source adds, lists and rotates keys', async () => {
    const name = word('shop');
    const key = (await json('source', 'add', name, '--kind', 'web'))['writeKey'];
    const next = (await json('source', 'rotate-key', name, '--revoke-old'))['writeKey'];
    assert.equal(typeof key, 'string');
    assert.notEqual(next, key);
    const names = ((await json('source', 'list'))['items'] as Json[]).map((source) => source['name']);
    assert.ok(names.includes(name));
    const post = (writeKey: unknown): Promise<{ status: number }> =>
      platform().post('/v1/batch', '{"batch":[]}', {
        authorization: `Basic ${Buffer.from(`${String(writeKey)}:`).toString('base64')}`,
      });
    assert.equal((await post(next)).status, 200);
    assert.equal((await post(key)).status, 401);
  });

  it('import tries a file, then takes it, waits until it shows, and takes it again without effect', async () => {
    const file = join(folder, 'receipts.csv');
    const [good, customer] = [word('c'), word('c')];
    writeFileSync(
      file,
      `customer_id,date,quantity,amount\n${good},1997-01-01,1,9.99\n${customer},1997-01-02,2,20.00\n${customer},never,1,1\n`,
    );
    const receipts = ['import', file, '--source', 'pos', '--mapping', 'cdnow-receipts'];
    const before = (await platform().status()).sources['pos'];
    await json(...receipts, '--dry-run');
    assert.deepEqual((await platform().status()).sources['pos'], before, 'a dry run stores nothing');
    const first = await json(...receipts);
    assert.deepEqual([first['status'], first['stored'], first['quarantined']], ['done', 2, 1]);
    assert.equal((await platform().profile(`loyaltyId:${customer}`)).computed.events, 1);
    const { events } = await platform().status();
    await json(...receipts);
    assert.equal((await platform().drained()).events, events);
  });

  it('profile shows, lists events, explains and tells the history', async () => {
    const user = word('u');
    await platform().send([
      identify({ userId: user, traits: { email: `${user}@example.com`, tier: 'gold' } }),
    ]);
    await platform().drained();
    const address = `email:${user}@example.com`;
    const shown = await json('profile', 'show', address);
    assert.deepEqual(shown, await platform().profile(address));
    assert.equal(((await json('profile', 'events', address))['items'] as Json[]).length, 1);
    assert.ok('links' in (await json('profile', 'explain', address)));
    assert.ok(Array.isArray((await json('profile', 'history', address))['items']));
    const past = await json('profile', 'show', address, '--as-of', '1999-01-01');
    assert.deepEqual(past['traits'], {});
    const people = await platform().cli('profile', 'show', address);
    assert.equal(people.code, 0);
    assert.match(people.stdout, /gold/);
  });

  it('quarantine lists, shows, fixes and releases', async () => {
    const [user, id] = [word('u'), word('m')];
    await platform().send([{ type: 'track', event: 'Lost', messageId: id }]);
    await platform().drained();
    const entries = (await json('quarantine', 'list', '--source', 'web', '--limit', '500'))[
      'items'
    ] as Json[];
    const held = String(entries.find((entry) => entry['messageId'] === id)?.['id']);
    assert.ok('original' in (await json('quarantine', 'show', held)));
    const file = join(folder, 'fixed.json');
    writeFileSync(file, JSON.stringify({ type: 'track', event: 'Found', messageId: id, userId: user }));
    assert.equal((await json('quarantine', 'fix', held, file))['status'], 'released');
    await platform().drained();
    assert.deepEqual(
      (await platform().timeline(`userId:${user}`)).map(({ event, messageId }) => [event, messageId]),
      [['Found', id]],
    );
    const other = word('m');
    await platform().send([{ type: 'track', event: 'Lost', messageId: other }]);
    await platform().drained();
    assert.equal(
      typeof (await json('quarantine', 'release', '--code', 'missing-identifier'))['released'],
      'number',
    );
    await platform().drained();
  });

  it('exits with 1 for what failed and 2 for what was misused', async () => {
    assert.equal(await codeOf('profile', 'show', 'userId:nobody-at-all'), 1);
    assert.equal(await codeOf('quarantine', 'show', 'none'), 1);
    assert.equal(await codeOf('import', join(folder, 'none.csv'), '--source', 'pos'), 1);
    const away = { TESSERA_URL: 'http://127.0.0.1:9', TESSERA_ADMIN_TOKEN: 'any-token-at-all' };
    assert.equal((await runCli(['status'], away)).code, 1);
    for (const args of [
      ['dance'],
      ['source', 'dance'],
      ['profile', 'show'],
      ['import', 'some.csv'],
      ['status', '--wrong'],
      ['source', 'add', 'some', '--kind', 'wrong'],
      ['quarantine', 'release'],
    ])
      assert.equal(await codeOf(...args), 2, args.join(' '));
    assert.equal(await codeOf('--help'), 0);
  });
}

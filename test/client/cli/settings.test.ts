import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { StubPlatform, tessera, type Ran } from './stub.ts';

describe('tessera trait-policy and normalization', function () {
  this.timeout(30_000);
  let stub: StubPlatform;
  let url = '';

  beforeEach(async () => {
    stub = new StubPlatform();
    url = await stub.listen();
  });
  afterEach(() => stub.close());

  const run = (...args: string[]): Promise<Ran> =>
    tessera(args, { TESSERA_URL: url, TESSERA_ADMIN_TOKEN: 'secret' }, tmpdir());

  it('sets a policy with its sources, and lists and tells what was changed', async () => {
    const set = { trait: 'city', policy: 'source-priority', sources: ['crm', 'pos'], version: 2 };
    const change = {
      version: 2,
      recordedAt: '2026-01-01T00:00:00.000Z',
      trait: 'city',
      before: { policy: 'latest' },
      after: { policy: 'source-priority', sources: ['crm', 'pos'] },
    };
    stub
      .on('POST /v1/trait-policies', { body: set })
      .on('GET /v1/trait-policies', { body: { version: 2, default: 'latest', items: [set], cursor: null } })
      .on('GET /v1/trait-policies/changes', { body: { items: [change], cursor: null } });
    const policy = ['--policy', 'source-priority', '--sources', 'crm, pos'];
    const ran = await run('trait-policy', 'set', 'city', ...policy);
    assert.equal(ran.out, 'city is source-priority (crm, pos) from version 2 on.\n');
    const { trait, policy: sent, sources } = stub.seen[0]?.body as Record<string, unknown>;
    assert.deepEqual(
      { trait, sent, sources },
      { trait: 'city', sent: 'source-priority', sources: ['crm', 'pos'] },
    );
    assert.match((await run('trait-policy', 'list')).out, /city .*source-priority \(crm, pos\)/);
    assert.match(
      (await run('trait-policy', 'changes')).out,
      /2 .*city .*latest .*source-priority \(crm, pos\)/,
    );
  });

  it('lists all changes, on however many pages they are', async () => {
    const page = (trait: string, cursor: string | null): object => ({
      items: [{ version: 2, recordedAt: '2026-01-01T00:00:00.000Z', trait, before: {}, after: {} }],
      cursor,
    });
    stub.on('GET /v1/trait-policies/changes', { body: page('city', 'next') }, { body: page('street', null) });
    const { items, cursor } = JSON.parse((await run('trait-policy', 'changes', '--json')).out) as {
      items: { trait: string }[];
      cursor: null;
    };
    assert.deepEqual([...items.map(({ trait }) => trait), cursor], ['city', 'street', null]);
    assert.deepEqual(
      stub.seen.map((seen) => seen.url),
      ['/v1/trait-policies/changes', '/v1/trait-policies/changes?cursor=next'],
    );
  });

  it('sets countries and mailboxes, and shows what holds', async () => {
    const body = { version: 2, newest: 2, mailboxes: true, defaultCountry: 'CH', countries: { crm: 'DE' } };
    stub.on('GET /v1/normalization', { body }).on('POST /v1/normalization', { body });
    const shown = await run('normalization', 'show');
    assert.match(shown.out, /country +CH\n +country of crm +DE/);
    await run('normalization', 'set', '--country', 'de', '--source', 'crm');
    await run('normalization', 'set', '--country', 'none', '--source', 'crm');
    await run('normalization', 'set', '--mailboxes', 'off', '--country', 'CH');
    assert.deepEqual(
      stub.seen.slice(1).map((seen) => seen.body),
      [
        { countries: { crm: 'DE' } },
        { countries: { crm: null } },
        { mailboxes: false, defaultCountry: 'CH' },
      ],
    );
  });

  it('is misused by what can not be meant', async () => {
    const misuses = [
      ['trait-policy', 'set', 'city'],
      ['trait-policy', 'set', 'city', '--policy', 'best'],
      ['trait-policy', 'set', 'city', '--policy', 'first', '--sources', 'crm'],
      ['trait-policy', 'set', 'city', '--policy', 'source-priority'],
      ['normalization', 'set'],
      ['normalization', 'set', '--mailboxes', 'on', '--source', 'crm'],
      ['normalization', 'set', '--country', 'none'],
    ];
    for (const misused of await Promise.all(misuses.map((args) => run(...args))))
      assert.equal(misused.code, 2, misused.err);
    assert.deepEqual(stub.seen, []);
  });
});

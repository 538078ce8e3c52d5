import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eachOnStub, tessera, type StubPlatform } from './stub.ts';

const PROFILE = {
  profileId: 'p_1',
  identifiers: ['email:jane@example.com'],
  traits: { name: 'Jane\u001b[2J\u202e' },
  computed: {
    events: 2,
    firstSeen: '2026-01-01T00:00:00.000Z',
    lastSeen: '2026-01-02T00:00:00.000Z',
    byEvent: { 'Order Completed': { count: 2, first: 'a', last: 'b', sums: { revenue: 86.1 }, days: {} } },
  },
  consent: { marketing: { status: 'denied', at: 'x', source: 'web' } },
  segments: [],
  fragments: [],
  completeSince: null,
};

describe('tessera, the command line', function () {
  this.timeout(30_000);
  let stub: StubPlatform;
  let url = '';
  let folder = '';

  const run = eachOnStub((given) => {
    ({ stub, url, folder } = given);
  });

  it('says its version', async () => {
    const manifest = JSON.parse(await readFile('package.json', 'utf8')) as { readonly version: string };
    assert.deepEqual(await run('--version'), { code: 0, out: `${manifest.version}\n`, err: '' });
  });

  it('says how to use it, and exits with 2 where it is misused', async () => {
    const help = await run('--help');
    assert.equal(help.code, 0);
    for (const verb of ['start', 'status', 'doctor', 'source', 'import', 'profile', 'quarantine']) {
      assert.match(help.out, new RegExp(`^ +${verb}\\b`, 'm'));
    }
    const misuses = [
      [],
      ['nonsense'],
      ['import', 'x.csv'],
      ['source', 'add', 'x', '--kind', 'fax'],
      ['quarantine', 'release'],
      ['start', '--nonsense'],
      ['start', '--port', 'x'],
    ];
    for (const misused of await Promise.all(misuses.map((args) => run(...args)))) {
      assert.equal(misused.code, 2, misused.err);
      assert.notEqual(misused.err, '');
    }
  });

  it('shows a person, and nothing of the data reaches the terminal as control', async () => {
    stub.on('GET /v1/profiles/email%3Ajane%40example.com', { body: PROFILE });
    const { code, out } = await run('profile', 'show', 'email:jane@example.com', '--as-of', '2026-03-01');
    assert.equal(code, 0);
    assert.match(out, /email:jane@example\.com/);
    assert.match(out, /Order Completed.*revenue 86\.1/);
    assert.match(out, /consent marketing +denied/);
    assert.ok(out.includes('Jane\\u001b[2J\\u202e'));
    assert.ok(!/[^\P{Cc}\n]|\p{Cf}/u.test(out));
    assert.equal(stub.seen[0]?.url, '/v1/profiles/email%3Ajane%40example.com?asOf=2026-03-01');
    assert.equal(stub.seen[0].authorization, 'Bearer secret');
  });

  it('answers JSON as the API gave it, without control characters', async () => {
    stub.on('GET /v1/profiles/p_1', { body: PROFILE });
    const { code, out } = await run('profile', 'show', 'p_1', '--json');
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), PROFILE);
    assert.ok(!out.includes('\u001b') && !out.includes('\u202e'));
  });

  it('passes on what the platform says is wrong, and exits with 1', async () => {
    stub.on('GET /v1/profiles/p_9', {
      status: 404,
      body: { title: 'Not found', detail: 'Nobody\u001b[31m here.' },
    });
    assert.deepEqual(await run('profile', 'show', 'p_9'), {
      code: 1,
      out: '',
      err: 'Not found: Nobody\\u001b[31m here.\n',
    });
  });

  it('says how to start a platform that does not run', async () => {
    await stub.close();
    const { code, err } = await run('status');
    assert.equal(code, 1);
    assert.match(err, /^No Tessera answers at http:\/\/127\.0\.0\.1:\d+\.\nStart it with npm start/);
    assert.ok(!err.includes('    at '));
  });

  it('finds platform and token by the data folder', async () => {
    await writeFile(join(folder, 'local.json'), JSON.stringify({ url }));
    await writeFile(join(folder, 'tokens.json'), JSON.stringify({ adminToken: 'from-file' }));
    stub.on('GET /v1/status', { body: { profiles: 1, fragments: 2, events: 3, sources: {} } });
    const { code } = await tessera(['status'], { TESSERA_DATA: folder }, tmpdir());
    assert.equal(code, 0);
    assert.equal(stub.seen[0]?.authorization, 'Bearer from-file');
  });

  it('names where it looked for a token that is not there', async () => {
    const { code, err } = await tessera(['status'], { TESSERA_URL: url }, folder);
    assert.equal(code, 1);
    assert.match(err, /TESSERA_ADMIN_TOKEN is not set, and .*tokens\.json/);
  });

  it('fails the status of a source whose counts do not add up', async () => {
    const web = { received: 10, stored: 5, duplicates: 2, quarantined: 1, pending: 2 };
    const status = { profiles: 1, fragments: 1, events: 5, sources: { web } };
    stub.on(
      'GET /v1/status',
      { body: status },
      { body: { ...status, sources: { web: { ...web, stored: 4 } } } },
    );
    const good = await run('status');
    assert.equal(good.code, 0);
    assert.match(good.out, /web.*10.*5.*2.*1.*2.*yes/);
    const bad = await run('status');
    assert.equal(bad.code, 1);
    assert.match(bad.out, /NO/);
  });

  it('imports a file and waits until it is done, through a platform that is away for a moment', async () => {
    const file = join(folder, 'rows.csv');
    await writeFile(file, 'a,b\n1,2\n');
    const counts = { bytes: 8, bytesTotal: 8, rows: 1, stored: 0, duplicates: 0, quarantined: 1 };
    stub
      .on('POST /v1/imports', {
        status: 202,
        body: { workflowId: 'w', statusUrl: '/v1/imports/i1', importId: 'i1' },
      })
      .on(
        'GET /v1/imports/i1',
        { body: { ...counts, status: 'reading', bytes: 2 } },
        { status: 503, body: { title: 'Away' } },
        { body: { ...counts, status: 'done' } },
      )
      .on('GET /v1/imports/i1/manifest', {
        body: {
          errors: [{ row: 1, code: 'bad-date', detail: 'date: not one' }],
          samples: [
            { row: 1, events: [], refused: { code: 'bad-date', detail: 'date: not one' } },
            { row: 2, events: [{ event: 'Order Completed', identifiers: ['loyaltyId:1'] }] },
          ],
        },
      });
    const { code, out } = await run('import', 'rows.csv', '--source', 'pos', '--mapping', 'm', '--dry-run');
    assert.equal(code, 0);
    assert.match(out, /dry run +nothing was stored/);
    assert.match(out, /quarantined +1/);
    assert.match(out, /1 +│ bad-date │ date: not one/);
    assert.match(out, /Row 2 becomes:\n[^]*"Order Completed"/);
    assert.doesNotMatch(out, /Row 1 becomes/);
    assert.deepEqual(stub.seen[0]?.body, {
      path: file,
      source: 'pos',
      format: 'csv',
      dryRun: true,
      mapping: 'm',
    });
    assert.equal(stub.seen.filter((call) => call.url === '/v1/imports/i1').length, 3);
  });

  it('fails where the import failed, and where there is no file', async () => {
    await writeFile(join(folder, 'rows.ndjson'), '{}\n');
    stub
      .on('POST /v1/imports', { status: 202, body: { workflowId: 'w', statusUrl: '/v1/imports/i1' } })
      .on('GET /v1/imports/i1', { body: { status: 'failed', error: 'It has no rows.', rows: 0 } });
    const failed = await run('import', 'rows.ndjson', '--source', 'pos');
    assert.equal(failed.code, 1);
    assert.match(failed.out, /The import failed: It has no rows\./);
    const missing = await run('import', 'none.csv', '--source', 'pos');
    assert.equal(missing.code, 1);
    assert.match(missing.err, /^There is no file .*none\.csv\./);
  });

  it('does not wait for a detached import', async () => {
    await writeFile(join(folder, 'rows.csv'), 'a\n1\n');
    stub.on('POST /v1/imports', {
      status: 202,
      body: { workflowId: 'import/demo/pos/x', statusUrl: '/v1/imports/x' },
    });
    const { code, out } = await run('import', 'rows.csv', '--source', 'pos', '--detach');
    assert.deepEqual([code, out], [0, 'Started import/demo/pos/x.\n']);
    assert.equal(stub.seen.length, 1);
  });

  it('shows a new write key once, and steers a source until it is done', async () => {
    stub
      .on('POST /v1/sources', { status: 201, body: { source: { name: 'shop' }, writeKey: 'k-1' } })
      .on(
        'POST /v1/sources/shop/drain',
        { status: 202, body: { workflowId: 'w', drainId: 'd-1' } },
        { body: { done: true } },
      );
    const added = await run('source', 'add', 'shop', '--kind', 'pos', '--lanes', '2');
    assert.match(added.out, /write key +k-1/);
    assert.deepEqual(stub.seen[0]?.body, { name: 'shop', kind: 'pos', lanes: 2 });
    const drained = await run('source', 'drain', 'shop');
    assert.deepEqual([drained.code, drained.out], [0, 'shop is drained: all that was accepted is in.\n']);
    assert.deepEqual(
      stub.seen.slice(1).map(({ body }) => body),
      [{}, { drainId: 'd-1' }],
    );
  });

  it('lists quarantine, and sends a corrected item on its way', async () => {
    const reason = { code: 'no-identifier', detail: 'userId: missing' };
    const entry = { id: 'b-0', source: 'web', quarantinedAt: 't', status: 'held', reason };
    stub
      .on('GET /v1/quarantine', { body: { items: [entry], cursor: 'next' } })
      .on('GET /v1/quarantine/b-0', { body: { ...entry, original: { body: { event: '\u001b]0;x\u0007' } } } })
      .on('POST /v1/quarantine/b-0/release', { body: { ...entry, status: 'released' } });
    const listed = await run('quarantine', 'list', '--source', 'web', '--status', 'held');
    assert.match(listed.out, /b-0 .*no-identifier .*userId: missing/);
    assert.match(listed.out, /More: --cursor next/);
    const asked = new URL(stub.seen[0]?.url ?? '', 'http://stub').searchParams;
    assert.deepEqual(Object.fromEntries(asked), { source: 'web', status: 'held', limit: '50' });
    const shown = await run('quarantine', 'show', 'b-0');
    assert.ok(shown.out.includes('\\u001b]0;x\\u0007'));
    await writeFile(join(folder, 'fixed.json'), '{"userId": "jane"}');
    assert.equal((await run('quarantine', 'fix', 'b-0', 'fixed.json')).code, 0);
    assert.deepEqual(stub.seen.at(-1)?.body, { replacement: { userId: 'jane' } });
  });

  it('prints an explanation as the platform words it, or draws it, without control characters', async () => {
    stub.on('GET /v1/profiles/p_1/explain', { body: 'one line\u001b[2J\n  and another\n' });
    const { out, code } = await run('profile', 'explain', 'p_1', 'email:a@b.c', '--known-at', '2026-03-01');
    assert.equal(code, 0);
    assert.equal(out, 'one line\\u001b[2J\n  and another\n');
    assert.equal(
      stub.seen[0]?.url,
      '/v1/profiles/p_1/explain?to=email%3Aa%40b.c&knownAt=2026-03-01&format=text',
    );
    stub.on('GET /v1/profiles/p_1/explain', { body: { profileId: 'p_1', links: [] } });
    assert.deepEqual(JSON.parse((await run('profile', 'explain', 'p_1', '--json')).out), {
      profileId: 'p_1',
      links: [],
    });
    assert.equal((await run('profile', 'explain', 'p_1', '--format', 'png')).code, 2);
  });

  it('examines the machine, and says that a platform which does not run can be started', async () => {
    await stub.close();
    const { code, out } = await run('doctor', '--json');
    const report = JSON.parse(out) as { ok: boolean; checks: { what: string; ok: boolean; found: string }[] };
    assert.equal(code, report.ok ? 0 : 1);
    const node = report.checks.find((check) => check.what === 'Node');
    assert.deepEqual([node?.ok, node?.found], [true, process.versions.node]);
    const platform = report.checks.find((check) => check.what.startsWith('platform'));
    assert.deepEqual([platform?.ok, platform?.found], [true, 'does not run; npm start starts it']);
  });

  it('names the ports that the platform on the data folder has, and not the usual ones', async () => {
    const port = Number(new URL(url).port);
    const ports = { gateway: port, temporal: 1, ui: 2 };
    await writeFile(join(folder, 'local.json'), JSON.stringify({ url, ports }));
    const ok = { body: { status: 'ok' } };
    const status = { body: { profiles: 0, fragments: 0, events: 0, sources: {} } };
    stub.on('GET /health', ok).on('GET /ready', ok).on('GET /v1/status', status);
    const { out } = await tessera(['doctor', '--json'], { TESSERA_DATA: folder }, tmpdir());
    const { checks } = JSON.parse(out) as { checks: { what: string; found: string }[] };
    const found = checks
      .filter(({ what }) => what.startsWith('port '))
      .map((check) => [check.what, check.found]);
    const used = 'in use, by the platform that runs';
    assert.deepEqual(found, [
      [`port ${port} (gateway)`, used],
      ['port 1 (Temporal)', used],
      ["port 2 (Temporal's UI)", used],
    ]);
  });
});

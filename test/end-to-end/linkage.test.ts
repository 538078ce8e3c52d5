import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvOf, peopleRows, type PersonRow } from '../support/person-rows.ts';
import { startPlatform, type CliResult, type Platform } from '../support/platform.ts';

const many = (count: number, fields: (at: number) => PersonRow): PersonRow[] =>
  Array.from({ length: count }, (_, at) => ({ rec_id: `r${at}`, ...fields(at) }));

/** Sets that teach nothing, and what the command says of each. */
const HOPELESS: readonly (readonly [string, readonly PersonRow[], RegExp])[] = [
  ['no records', [], /at least two records/],
  ['no values', many(60, () => ({ given_name: '', surname: '' })), /check the mapping/i],
  ['one value for all', many(60, () => ({ given_name: 'anna', surname: 'frei' })), /alike|same/],
  [
    'nothing that two share',
    many(60, (at) => ({ given_name: `name${at}x${at * 7}`, soc_sec_id: `${5_000_000 + at * 7_919}` })),
    /nothing to link/,
  ],
  [
    'a blocking key that all share',
    many(1_000, (at) => ({ given_name: 'anna', surname: 'frei', suburb: `town${at}` })),
    /given \+ surname.* 499500 pairs/,
  ],
  [
    'dates alone, all of them impossible',
    many(60, (at) => ({ date_of_birth: `199902${30 + at}` })),
    /nothing to link/,
  ],
];

describe('linking what can hardly be linked, by command line', function () {
  let platform: Platform;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-linkage-'));
    platform = await startPlatform();
  });
  after(async () => {
    await platform.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function done(...args: string[]): Promise<CliResult> {
    const ran = await platform.cli(...args);
    assert.equal(ran.code, 0, `${args.join(' ')}: ${ran.stdout}${ran.stderr}`);
    return ran;
  }
  /** Imports rows as a source of their own, ids told apart by its name. */
  async function imported(source: string, rows: readonly PersonRow[]): Promise<void> {
    const own = rows.map((row) => ({ ...row, rec_id: `${source}-${row['rec_id']}` }));
    const file = join(folder, `${source}.csv`);
    writeFileSync(file, rows.length === 0 ? 'rec_id,given_name\n' : csvOf(own));
    await done('source', 'add', source, '--kind', 'crm');
    await done('import', file, '--source', source, '--mapping', 'febrl-person');
  }
  /** Profiles of the records of a source, by record. */
  async function profiles(source: string): Promise<Map<string, string>> {
    const out = join(folder, 'ids.csv');
    await done('profile', 'ids', '--type', 'crmId', '--out', out);
    const [, ...lines] = readFileSync(out, 'utf8').trim().split('\n');
    const rows = lines.map((line) => line.split(',') as [string, string]);
    return new Map(rows.filter(([value]) => value.startsWith(`${source}-`)));
  }

  for (const [index, [what, rows, sentence]] of HOPELESS.entries())
    it(`${what}: says so, exits with 1 and links nothing`, async () => {
      const source = `hopeless${index}`;
      await imported(source, rows);
      const ran = await platform.cli('identity', 'link', '--source', source);
      assert.equal(ran.code, 1, ran.stdout);
      const [first = ''] = ran.stdout.split('\n');
      assert.match(first, /^Nothing was linked: /);
      assert.match(first, sentence);
      const who = await profiles(source);
      assert.equal(who.size, rows.length);
      assert.equal(new Set(who.values()).size, rows.length);
    });

  it('wrong dates and several scripts are taken as they come: alike stays together, others apart', async () => {
    const names = ['Иванов', '田中太郎', 'Müller', 'Παπαδόπουλος', 'الخطيب'];
    const dates = ['19990230', '00000000', 'yesterday', '31/12/99', ''];
    const odd = names.flatMap((surname, at) =>
      [0, 1].map((copy) => ({
        ...{ rec_id: `odd${at}-${copy}`, given_name: surname.slice(0, 2), surname },
        ...{ date_of_birth: dates[at] ?? '', suburb: 'bern', postcode: `${3000 + at}`, address_1: 'seeweg' },
        street_number: String(at + 1),
      })),
    );
    await imported('scripts', [...peopleRows(5, 120), ...odd]);
    await done('identity', 'link', '--source', 'scripts');
    const who = await profiles('scripts');
    const pairs = names.map((_, at) => [who.get(`scripts-odd${at}-0`), who.get(`scripts-odd${at}-1`)]);
    for (const [one, other] of pairs) assert.equal(one, other);
    assert.equal(new Set(pairs.map(([one]) => one)).size, names.length);
  });

  it('a split that would leave an identifier nowhere is refused, and changes nothing', async () => {
    const { profileId, identifiers } = await platform.profile('crmId:scripts-odd0-0');
    const away = identifiers as string[];
    const before = await platform.profile(profileId);
    const ran = await platform.cli('profile', 'split', profileId, '--away', ...away, '--reason', 'a test');
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /leave out those that are to stay/);
    assert.deepEqual(await platform.profile(profileId), before);
  });

  it('of what two operators decide the later stands, and both are on record', async () => {
    const [a, b] = ['crmId:scripts-odd1-0', 'crmId:scripts-odd2-0'];
    const decided = async (verb: string, actor: string, reason: string): Promise<unknown> => {
      const ran = await done('profile', verb, a, b, '--actor', actor, '--reason', reason, '--json');
      return (JSON.parse(ran.stdout) as { decisionId: string }).decisionId;
    };
    const first = await decided('link', 'ann', 'same handwriting');
    assert.equal((await platform.profile(a)).profileId, (await platform.profile(b)).profileId);
    const second = await decided('never-link', 'ben', 'father and son');
    assert.notEqual((await platform.profile(a)).profileId, (await platform.profile(b)).profileId);
    const list = await done('identity', 'decisions', 'list', '--limit', '2', '--json');
    const { items } = JSON.parse(list.stdout) as { items: Record<string, unknown>[] };
    assert.deepEqual(
      items.map(({ decisionId, kind, actor, reason, status }) => [decisionId, kind, actor, reason, status]),
      [
        [second, 'never-link', 'ben', 'father and son', 'done'],
        [first, 'link', 'ann', 'same handwriting', 'done'],
      ],
    );
    const shown = await done('identity', 'decisions', 'show', String(first));
    assert.match(shown.stdout, /by +ann\n/);
  });
});

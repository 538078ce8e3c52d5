import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform, type Platform } from '../support/platform.ts';

type Json = Record<string, unknown>;

const ROWS = 400;
const tillBy = (type: string, column: string): Json => ({
  name: 'till',
  description: 'Receipts of the till.',
  kind: 'record',
  record: {
    type: 'track',
    event: { const: 'Order Completed' },
    timestamp: { path: 'date', as: 'date', required: true },
    identifiers: { [type]: { path: column, required: true }, email: { path: 'mail' } },
    properties: { revenue: { path: 'paid', as: 'decimal', required: true } },
  },
});

describe('a mapping that stored what was wrong', () => {
  let platform: Platform;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-e2e-'));
    platform = await startPlatform();
  });
  after(async () => {
    await platform.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const json = async (...args: string[]): Promise<Json> => {
    const { code, stdout, stderr } = await platform.cli(...args, '--json');
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return JSON.parse(stdout) as Json;
  };

  it('is mended where it stands, and can be taken back', async () => {
    await json('mapping', 'create', file('till-1.json', tillBy('loyaltyId', 'shop')));
    const rows = Array.from(
      { length: ROWS },
      (_, n) => `s${n % 2},c${n % 40},m${n % 40}@x.example,1998-01-02,1.25`,
    );
    const till = file('till.csv', `shop,card,mail,date,paid\n${rows.join('\n')}\n`);
    await json('import', till, '--source', 'pos', '--mapping', 'till');
    const wrong = await platform.drained();
    const before = await platform.profile('loyaltyId:s0');
    await json('mapping', 'create', file('till-2.json', tillBy('loyaltyId', 'card')));
    const tried = await json(
      ...['replay', '--source', 'pos', '--mapping', 'till', '--mapping-version', '2', '--dry-run'],
    );
    assert.equal(tried['changed'], ROWS);

    const replay = ['replay', '--source', 'pos', '--mapping', 'till', '--mapping-version'];
    const done = await json(...replay, '2');
    assert.deepEqual(
      [done['status'], done['items'], done['corrected'], done['moved'], done['refused']],
      ['done', ROWS, ROWS, ROWS, 0],
    );
    const status = await platform.drained();
    assert.deepEqual(
      [status.events, status.profiles, status.sources['pos']],
      [ROWS, 40, wrong.sources['pos']],
    );
    const profile = await platform.profile('loyaltyId:c7');
    assert.equal(profile.computed.byEvent['Order Completed']?.sums['revenue'], 1.25 * (ROWS / 40));
    assert.deepEqual(profile.identifiers, ['loyaltyId:c7', 'email:m7@x.example']);
    const [event] = await platform.timeline('loyaltyId:c7');
    assert.equal((event as unknown as Json)['mapping'], 'till@2');
    const shown = await json('replay', 'show', 'pos', String(done['runId']));
    assert.deepEqual([shown['status'], shown['corrected']], ['done', ROWS]);
    const late = await platform.cli('replay', 'pause', 'pos', String(done['runId']));
    assert.equal(late.code, 1, 'what is over can not be paused');
    assert.equal((await json(...replay, '2'))['same'], ROWS, 'again changes nothing');

    await json(...replay, '1');
    const back = await platform.profile('loyaltyId:s0');
    assert.deepEqual([back.computed, back.identifiers], [before.computed, before.identifiers]);
    assert.equal((await platform.drained()).profiles, wrong.profiles);
  });
});

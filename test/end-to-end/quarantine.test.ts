import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform, type Platform } from '../support/platform.ts';
import { eventually } from '../support/wait.ts';

type Json = Record<string, unknown>;

const ROWS = 5_000;
const receipts = (paid: string): Json => ({
  name: 'till',
  description: 'Receipts of the till.',
  kind: 'record',
  record: {
    type: 'track',
    event: { const: 'Order Completed' },
    timestamp: { path: 'date', as: 'date', required: true },
    identifiers: { loyaltyId: { path: 'card', required: true } },
    properties: { revenue: { path: paid, as: 'decimal', required: true } },
  },
});

describe('a mapping that was wrong', () => {
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

  it(`takes three commands from ${ROWS} items in quarantine to ${ROWS} events, none of them twice`, async () => {
    await json('mapping', 'create', file('broken.json', receipts('amount')));
    const rows = Array.from({ length: ROWS }, (_, n) => `c${n % 50},1998-01-02,1.25`);
    const till = file('till.csv', `card,date,paid\n${rows.join('\n')}\n`);
    const imported = await json('import', till, '--source', 'pos', '--mapping', 'till');
    assert.deepEqual([imported['stored'], imported['quarantined']], [0, ROWS]);

    const health = await platform.cli('source', 'health', 'pos', '--json');
    assert.equal(health.code, 1, 'a source that wants looking at');
    const [finding] = (JSON.parse(health.stdout) as { findings: Json[] }).findings;
    assert.equal(finding?.['code'], 'quarantine-share');
    const [first] = (await json('quarantine', 'counts', '--source', 'pos'))['items'] as Json[];
    assert.deepEqual([first?.['code'], first?.['count']], ['invalid-record', ROWS]);
    await json('mapping', 'create', file('fixed.json', receipts('paid')));
    const tried = ['replay', '--source', 'pos', '--mapping', 'till', '--mapping-version', '2', '--dry-run'];
    const rehearsal = await json(...tried);
    assert.deepEqual(
      [rehearsal['items'], rehearsal['mended'], rehearsal['mendedBy']],
      [ROWS, ROWS, { 'invalid-record': ROWS }],
    );
    const released = await json('quarantine', 'release', '--source', 'pos', '--code', 'invalid-record');
    assert.deepEqual([released['status'], released['released'], released['heldAgain']], ['done', ROWS, 0]);

    const status = await platform.drained();
    assert.equal(status.events, ROWS);
    const { stored, quarantined, duplicates } = status.sources['pos'] ?? {};
    assert.deepEqual([stored, quarantined, duplicates], [ROWS, ROWS, 0]);
    const profile = await platform.profile('loyaltyId:c7');
    assert.equal(profile.computed.byEvent['Order Completed']?.sums['revenue'], 1.25 * (ROWS / 50));
    const timeline = await platform.timeline('loyaltyId:c7');
    assert.equal(new Set(timeline.map(({ messageId }) => messageId)).size, ROWS / 50);

    // Once more, by another run and by the file itself: all of it is known.
    assert.equal((await json('quarantine', 'release', '--source', 'pos'))['released'], 0);
    await json('import', till, '--source', 'pos', '--mapping', 'till');
    assert.equal((await platform.drained()).events, ROWS);
    assert.deepEqual((await json('quarantine', 'list', '--status', 'held'))['items'], []);
  });

  it('mends many items by a patch, and says how many came back', async () => {
    await platform.send(
      ['m1', 'm2'].map((messageId) => ({ type: 'track', event: 'Lost', messageId, properties: { n: 1 } })),
    );
    await platform.drained();
    const nobody = await json('quarantine', 'release', '--code', 'missing-identifier');
    assert.deepEqual([nobody['released'], nobody['heldAgain']], [2, 2]);
    const patch = file('patch.json', { userId: 'found', event: 'Found' });
    const mended = await json('quarantine', 'fix', '--code', 'missing-identifier', '--patch', patch);
    assert.deepEqual([mended['released'], mended['heldAgain']], [2, 0]);
    assert.deepEqual(
      (await platform.timeline('userId:found')).map(({ event, messageId }) => [event, messageId]).sort(),
      [
        ['Found', 'm1'],
        ['Found', 'm2'],
      ],
    );
  });

  it('learns a tracking plan, holds what breaks it, and lists why, with an example', async () => {
    const seen = (messageId: string, price: unknown) => ({
      ...{ type: 'track', event: 'Seen', userId: 'planned', messageId, properties: { price } },
    });
    await platform.send([seen('p1', 1), seen('p2', 2.5)], 'crm');
    await platform.drained();
    const draft = join(folder, 'plan.json');
    await eventually('what was seen to be told', async () => {
      const plan = await json('tracking-plan', 'infer', '--source', 'crm', '--out', draft);
      return (plan['rules'] as Json[]).length > 0 ? true : undefined;
    });
    assert.equal((await json('tracking-plan', 'check', draft))['compatible'], true);
    assert.equal((await json('tracking-plan', 'create', draft))['version'], 1);
    assert.equal((await json('tracking-plan', 'set', 'crm', '--mode', 'quarantine'))['version'], 2);
    await eventually('the plan to hold', async () => {
      const id = `p-${Math.random()}`;
      await platform.send([seen(id, 'dear')], 'crm');
      await platform.drained();
      const { items } = await json('quarantine', 'list', '--code', 'plan-violation');
      return (items as Json[]).some(({ messageId }) => messageId === id) ? true : undefined;
    });
    const violation = await eventually('the violation to be told', async () => {
      const { items } = await json('tracking-plan', 'violations', '--source', 'crm');
      return (items as Json[])[0];
    });
    assert.deepEqual([violation['path'], violation['rule']], ['properties.price', 'type']);
    const { example } = await json('tracking-plan', 'violations', String(violation['id']));
    assert.equal(((example as Json)['properties'] as Json)['price'], 'dear');
  });
});

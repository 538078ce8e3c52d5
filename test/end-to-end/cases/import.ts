import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { word } from '../../support/segment.ts';
import type { Running } from './types.ts';

const CDNOW = fileURLToPath(new URL('../../../infra/local/demo/cdnow-sample.csv', import.meta.url));

/** Files, through the command line. */
export function importCases(platform: Running): void {
  const importReceipts = async (file: string): Promise<void> => {
    const run = await platform().cli(
      'import',
      file,
      '--source',
      'pos',
      '--mapping',
      'cdnow-receipts',
      '--json',
    );
    assert.equal(run.code, 0, run.stderr + run.stdout);
  };

  it('imports the CDNOW sample whole, and a second time changes nothing', async () => {
    const before = await platform().drained();
    await importReceipts(CDNOW);
    const after = await platform().drained();
    assert.equal(after.profiles - before.profiles, 2_357);
    assert.equal(after.events - before.events, 6_919);
    assert.equal(after.sources['pos']!.stored - before.sources['pos']!.stored, 6_919);
    await importReceipts(CDNOW);
    const again = await platform().drained();
    assert.deepEqual(
      [again.profiles, again.fragments, again.events],
      [after.profiles, after.fragments, after.events],
    );
    assert.equal(again.sources['pos']!.stored, after.sources['pos']!.stored);
  });

  it('sums every receipt of every customer to the cent', async () => {
    const customers = new Set(
      readFileSync(CDNOW, 'utf8')
        .split('\n')
        .slice(1)
        .filter((line) => line !== '')
        .map((line) => line.split(',')[0] ?? ''),
    );
    assert.equal(customers.size, 2_357);
    let [orders, cents, items] = [0, 0, 0];
    const queue = [...customers];
    const work = async (): Promise<void> => {
      for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
        const profile = await platform().profile(`loyaltyId:${id}`);
        const counter = profile.computed.byEvent['Order Completed'];
        orders += counter?.count ?? 0;
        cents += Math.round((counter?.sums['revenue'] ?? 0) * 100);
        items += counter?.sums['quantity'] ?? 0;
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
    assert.deepEqual([orders, cents / 100, items], [6_919, 244_091.94, 16_479]);
  });

  it('puts bad rows in quarantine with their place and takes the rest', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tessera-rows-'));
    try {
      const file = join(folder, 'rows.csv');
      const customer = word('c');
      writeFileSync(
        file,
        [
          '\uFEFF customer_id , date,quantity,amount',
          `${customer},1998-01-02,1,10.00`,
          `${customer},not-a-date,1,10.00`,
          `,1998-01-03,1,10.00`,
          `${customer},1998-01-04,2,=1+1`,
          `"${customer}",1998-01-05,3,5.05`,
        ].join('\r\n'),
      );
      const before = await platform().drained();
      await importReceipts(file);
      const after = await platform().drained();
      assert.equal(after.sources['pos']!.stored - before.sources['pos']!.stored, 2);
      assert.equal(after.sources['pos']!.quarantined - before.sources['pos']!.quarantined, 3);
      const profile = await platform().profile(`loyaltyId:${customer}`);
      assert.equal(profile.computed.byEvent['Order Completed']?.sums['revenue'], 15.05);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('says clearly that a file is not there, with exit code 1', async () => {
    const run = await platform().cli(
      'import',
      '/nowhere/at-all.csv',
      '--source',
      'pos',
      '--mapping',
      'cdnow-receipts',
    );
    assert.equal(run.code, 1);
    assert.match(run.stderr + run.stdout, /at-all\.csv/);
    assert.doesNotMatch(run.stderr, /\s+at .*\.ts:\d+/);
  });
}

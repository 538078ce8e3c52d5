import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRandom } from '../../infra/local/demo/random.ts';
import { purchaseDays } from '../../infra/local/demo/receipts.ts';
import { generateVisits, type WebMessage } from '../../infra/local/demo/visits.ts';

const SAMPLE = new URL('../../infra/local/demo/cdnow-sample.csv', import.meta.url);

function browsersOf(messages: readonly WebMessage[]): Map<unknown, WebMessage[]> {
  const byBrowser = new Map<unknown, WebMessage[]>();
  for (const message of messages) {
    const id = message['anonymousId'];
    byBrowser.set(id, [...(byBrowser.get(id) ?? []), message]);
  }
  return byBrowser;
}

describe('the demo data', () => {
  let csv = '';

  before(async () => {
    csv = await readFile(SAMPLE, 'utf8');
  });

  it('has the receipts of the CDNOW sample, to the cent', () => {
    const rows = csv.trim().split(/\r?\n/).slice(1);
    const cells = rows.map((row) => row.split(','));
    assert.equal(rows.length, 6_919);
    assert.equal(purchaseDays(csv).size, 2_357);
    const cents = cells.reduce((sum, row) => sum + Math.round(Number(row[3]) * 100), 0);
    assert.equal(cents, 24_409_194);
    assert.equal(
      cells.reduce((sum, row) => sum + Number(row[2]), 0),
      16_479,
    );
  });

  it('generates the same visits each time, so that loading again changes nothing', () => {
    const purchases = purchaseDays(csv);
    assert.deepEqual(generateVisits(purchases), generateVisits(purchases));
    assert.notDeepEqual(generateVisits(purchases, 1), generateVisits(purchases, 2));
  });

  it('marks each message as generated and gives each an id of its own', () => {
    const { messages } = generateVisits(purchaseDays(csv));
    assert.ok(messages.length >= 6_000 && messages.length <= 12_000, String(messages.length));
    assert.equal(new Set(messages.map((message) => message.messageId)).size, messages.length);
    for (const message of messages) {
      assert.equal((message['context'] as { generated?: boolean }).generated, true);
      assert.ok(!Number.isNaN(Date.parse(message.timestamp)));
    }
  });

  it('lets a visitor look around before the login that names the customer', () => {
    const { messages } = generateVisits(purchaseDays(csv));
    const known = [...browsersOf(messages).values()].filter((visit) =>
      visit.some(({ type }) => type === 'identify'),
    );
    assert.ok(known.length > 500, String(known.length));
    for (const visit of known) {
      const login = visit.at(-1)!;
      const customer = String(login['userId']).replace('user-', '');
      assert.equal(login['type'], 'identify');
      assert.deepEqual(login['traits'], { email: `customer-${customer}@example.com` });
      const { externalIds } = login['context'] as { externalIds: object[] };
      assert.deepEqual(externalIds, [
        { id: customer, type: 'loyaltyId', collection: 'users', encoding: 'none' },
      ]);
      assert.ok(visit.length > 2 && visit.slice(0, -1).every((message) => message['userId'] === undefined));
    }
  });

  it('shows a customer that bought several times and logged in', () => {
    const purchases = purchaseDays(csv);
    const { messages, showcase } = generateVisits(purchases);
    const customer = showcase.replace('loyaltyId:', '');
    assert.ok(purchases.get(customer)!.length > 5);
    assert.ok(messages.some((message) => message['userId'] === `user-${customer}`));
  });
});

describe('the seeded source of chance', () => {
  it('stays within its bounds and repeats itself', () => {
    const [one, two] = [createRandom(7), createRandom(7)];
    for (let n = 0; n < 1_000; n += 1) {
      const value = one.between(3, 5);
      assert.ok([3, 4, 5].includes(value));
      assert.equal(two.between(3, 5), value);
    }
    assert.match(one.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { generateDemo, type DemoData } from '../../infra/local/demo/generate.ts';
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
  let demo: DemoData;

  before(async () => {
    csv = await readFile(SAMPLE, 'utf8');
    demo = generateDemo(csv);
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

  it('generates the same each time, so that loading again changes nothing', () => {
    const purchases = purchaseDays(csv);
    assert.deepEqual(generateDemo(csv), demo);
    assert.notDeepEqual(generateVisits(purchases, 1), generateVisits(purchases, 2));
  });

  it('marks each message as generated and gives each an id of its own', () => {
    const messages = demo.web;
    assert.ok(messages.length >= 6_000 && messages.length <= 12_000, String(messages.length));
    assert.equal(new Set(messages.map((message) => message.messageId)).size, messages.length);
    for (const message of messages) {
      assert.equal((message['context'] as { generated?: boolean }).generated, true);
      assert.ok(!Number.isNaN(Date.parse(message.timestamp)));
    }
  });

  it('lets a visitor look around before the login that names the customer', () => {
    const browsers = [...browsersOf(demo.web).values()];
    const known = browsers.filter((visit) => visit.at(-1)?.['type'] === 'identify' && visit.length > 1);
    const own = known.filter((visit) => visit.filter(({ type }) => type === 'identify').length === 1);
    assert.ok(own.length > 500, String(own.length));
    for (const visit of own) {
      const login = visit.at(-1)!;
      const customer = String(login['userId']).replace('user-', '');
      const person = demo.people.find((one) => one.customer === customer)!;
      const { email, firstName, lastName } = person;
      assert.deepEqual(login['traits'], { email, firstName, lastName });
      const { externalIds } = login['context'] as { externalIds: object[] };
      assert.deepEqual(externalIds[0], {
        ...{ id: customer, type: 'loyaltyId', collection: 'users', encoding: 'none' },
      });
      assert.ok(visit.length > 2 && visit.slice(0, -1).every((message) => message['userId'] === undefined));
    }
  });

  it('has one browser in the shop where several customers log in', () => {
    const logins = [...browsersOf(demo.web).values()].map((visit) => new Set(visit.map((m) => m['userId'])));
    const shared = logins.filter((users) => [...users].filter((user) => user !== undefined).length > 1);
    assert.deepEqual(
      shared.map((users) => users.size),
      [6],
    );
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

import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createReporter } from '../../infra/local/console.ts';
import { generateDemo, type DemoData } from '../../infra/local/demo/generate.ts';
import { loadDemo } from '../../infra/local/demo/load.ts';
import { partsOf, RECEIPTS, sendParts } from '../../infra/local/demo/parts.ts';
import { settle, type Destination } from '../../infra/local/demo/send.ts';
import { startPlatform, type Platform } from '../support/platform.ts';
import { track, word } from '../support/segment.ts';
import { eventually } from '../support/wait.ts';

const SOURCES = ['contact-center', 'crm', 'email', 'pos', 'social', 'web'];
const LOADED_WITHIN_MS = 180_000;

interface Explained {
  readonly links: { a: { identifier: string }; b: { identifier: string }; rule: string; source: string }[];
  readonly refused: unknown[];
}

/** What is known of somebody, but for what a platform of its own makes of it: ids, and when it was told. */
async function seen(platform: Platform, address: string): Promise<unknown> {
  const { identifiers, traits, computed, ...profile } = await platform.profile(address);
  const timeline = await platform.timeline(address);
  return {
    ...{ identifiers, traits, computed },
    ...Object.fromEntries(
      Object.entries(profile).filter(([name]) => !['profileId', 'fragments'].includes(name)),
    ),
    // An event names whom it names: after a split still those whom it once joined.
    timeline: timeline.map(({ messageId, event, timestamp, source, properties, traits: told }) => ({
      ...{ messageId, event, timestamp, source, properties, traits: told },
    })),
  };
}

describe('the demo', () => {
  let platform: Platform;
  let demo: DemoData;
  /** The showcase by her loyalty number, and by all other identifiers. */
  let card = '';
  let others: string[] = [];
  /** How the sources were found to be once it was loaded. */
  let health: { source: string; status: string }[] = [];

  before(async () => {
    demo = generateDemo(await readFile(RECEIPTS, 'utf8'));
    const { person, anonymousId } = demo.showcase;
    card = `loyaltyId:${person.customer}`;
    others = [
      ...[`email:${person.email}`, `phone:${person.phone}`, `anonymousId:${anonymousId}`],
      ...[`userId:user-${person.customer}`, `crmId:${person.crmId}`, `contactId:${person.contactId}`],
      `socialId:${person.socialId}`,
    ];
    platform = await startPlatform({ demo: true });
    await eventually(
      'the demo to be loaded',
      () => Promise.resolve(platform.output().includes('Ctrl-C') || undefined),
      {
        timeoutMs: LOADED_WITHIN_MS,
      },
    );
    health = (await platform.api<{ items: typeof health }>('/v1/health')).body.items;
  });
  after(() => platform.stop());

  it('is whole, with nothing in quarantine, and the customers of the sample are as many people', async () => {
    const { sources } = await platform.status();
    assert.deepEqual(Object.keys(sources).sort(), SOURCES);
    for (const [name, { received, stored, quarantined }] of Object.entries(sources)) {
      assert.ok(received > 300 && quarantined === 0, name);
      assert.ok(stored > 300, name);
    }
    const ids = await platform.list<{ value: string; profileId: string }>('/v1/profiles/ids?type=loyaltyId');
    assert.equal(new Set(ids.map(({ value }) => value)).size, 2_357);
    assert.equal(new Set(ids.map(({ profileId }) => profileId)).size, 2_357);
  });

  it('leaves every source as it should be, with nothing to look at', () => {
    assert.deepEqual(
      health.map(({ source, status }) => `${source} ${status}`).sort(),
      SOURCES.map((source) => `${source} ok`),
    );
  });

  it('leaves each customer their own purchases, to the cent', async () => {
    const rows = (await readFile(RECEIPTS, 'utf8')).trim().split(/\r?\n/).slice(1);
    const sums = new Map<string, { cents: number; count: number }>();
    for (const [customer = '', , , amount = ''] of rows.map((row) => row.split(','))) {
      const { cents, count } = sums.get(customer) ?? { cents: 0, count: 0 };
      sums.set(customer, { cents: cents + Math.round(Number(amount) * 100), count: count + 1 });
    }
    const customers = demo.people.flatMap(({ customer }) => customer ?? []);
    // Those who could be taken for each other: all who have more than their receipts.
    await Promise.all(
      customers.map(async (customer) => {
        const { computed } = await platform.profile(`loyaltyId:${customer}`);
        const bought = computed.byEvent['Order Completed'];
        assert.equal(bought?.count, sums.get(customer)?.count, customer);
        assert.equal(Math.round((bought?.sums['revenue'] ?? 0) * 100), sums.get(customer)?.cents, customer);
      }),
    );
  });

  it('shows one customer by any identifier, with events of six kinds of source, and says so at the end of the start', async () => {
    const shown = await platform.profile(card);
    for (const address of others) assert.deepEqual(await platform.profile(address), shown, address);
    assert.deepEqual([...(shown.identifiers as string[])].sort(), [card, ...others].sort());
    const bySource = new Map<string, number>();
    for (const { source } of await platform.timeline(card))
      bySource.set(source, (bySource.get(source) ?? 0) + 1);
    const counts = SOURCES.map((source) => `${source} ${bySource.get(source) ?? 0}`).join(', ');
    assert.ok(platform.output().includes(counts), counts);
    for (const address of [card, ...others.slice(0, 3)])
      assert.ok(platform.output().includes(`profile show ${address}\n`), address);
  });

  it('leads from each event of that customer to the record that its source sent', async () => {
    const timeline = await platform.timeline(card);
    for (const { messageId, source } of timeline) {
      const path = `/v1/profiles/${encodeURIComponent(card)}/events/${encodeURIComponent(messageId)}`;
      const { status, body } = await platform.api<{ raw: { body: unknown } }>(`${path}?source=${source}`);
      assert.equal(status, 200, messageId);
      const record = JSON.stringify(body.raw.body);
      assert.match(record, source === 'pos' ? /"customer_id":"04951"/ : /generated/, messageId);
    }
    const call = timeline.find(({ event }) => event === 'Call Completed');
    const { code, stdout } = await platform.cli('profile', 'event', card, call?.messageId ?? '');
    assert.equal(code, 0);
    assert.match(stdout, /"CustomerEndpoint": \{/);
  });

  it('explains link by link why this is one person', async () => {
    const { body } = await platform.api<Explained>(`/v1/profiles/${encodeURIComponent(card)}/explain`);
    const told = body.links.map(({ a, b, source }) =>
      [source, ...[a.identifier, b.identifier].map((one) => one.replace(/:.*/, '')).sort()].join(' '),
    );
    for (const link of [
      ...['web loyaltyId userId', 'web anonymousId userId', 'web email userId', 'web socialId userId'],
      ...['crm crmId email', 'crm crmId phone', 'social email phone', 'contact-center contactId email'],
    ])
      assert.ok(told.includes(link), `${link} in ${told.join('; ')}`);
    assert.ok(body.links.some(({ rule }) => rule === 'same-event'));
  });

  it('takes the calls of Segment on every source, those that take a vendor’s webhooks among them', async () => {
    for (const source of SOURCES) {
      const user = word('u');
      assert.equal((await platform.send([track('Seen', { userId: user })], source)).status, 200);
      await platform.drained();
      const [event] = await platform.timeline(`userId:${user}`);
      assert.deepEqual([event?.source, event?.event], [source, 'Seen']);
    }
  });

  it('changes nothing when it is loaded again after an interruption, and does not load twice', async () => {
    const target = {
      ...{ url: platform.url, data: platform.data, isOver: () => false },
      report: createReporter(process.stderr, true),
    };
    const before = await platform.status();
    const profile = await seen(platform, card);
    await rm(join(platform.data, 'demo.json'));
    const summary = await loadDemo(target);
    const after = await platform.drained();
    assert.deepEqual([after.events, after.profiles], [before.events, before.profiles]);
    for (const [name, { stored, duplicates, quarantined }] of Object.entries(after.sources)) {
      assert.deepEqual([stored, quarantined], [before.sources[name]?.stored, 0], name);
      assert.ok(duplicates > (before.sources[name]?.duplicates ?? 0), name);
    }
    assert.equal(after.sources['pos']!.duplicates - before.sources['pos']!.duplicates, 6_919);
    assert.deepEqual(await seen(platform, card), profile);
    assert.deepEqual(await loadDemo(target), summary);
    assert.deepEqual(await platform.status(), after);
  });

  it('gives each half of a split customer as it would have been, and the whole again, byte for byte, when linked by hand', async () => {
    const control = await startPlatform();
    try {
      // The same lives, but for the card's number in the one login that joined the till to the rest.
      const isLogin = (message: DemoData['web'][number]): boolean =>
        message['userId'] === others[3]?.replace('userId:', '');
      const web = demo.web.map((message) =>
        isLogin(message)
          ? {
              ...message,
              context: { ...(message['context'] as object), externalIds: externalIdsOf(message) },
            }
          : message,
      );
      const to: Destination = {
        ...{ url: control.url, isOver: () => false, bearer: `Bearer ${control.tokens.adminToken}` },
      };
      const from = { folder: join(control.data, 'demo'), webKey: control.tokens.writeKeys['web'] ?? '' };
      await sendParts(partsOf({ ...demo, web }, to, from), () => undefined);
      await settle(to);

      const whole = async (): Promise<string> =>
        JSON.stringify([await platform.profile(card), await platform.timeline(card)]);
      const before = await whole();
      const split = await platform.cli('profile', 'split', card, '--away', card, '--reason', 'a lent card');
      assert.equal(split.code, 0, split.stderr);
      assert.deepEqual(await seen(platform, card), await seen(control, card));
      assert.deepEqual(await seen(platform, others[0]!), await seen(control, others[0]!));
      const linked = await platform.cli('profile', 'link', card, others[3]!, '--reason', 'hers after all');
      assert.equal(linked.code, 0, linked.stderr);
      assert.equal(await whole(), before);
    } finally {
      await control.stop();
    }
  });
});

/** Whom a login names, without the loyalty number. */
function externalIdsOf(message: DemoData['web'][number]): object[] {
  const { externalIds } = message['context'] as { externalIds: { type: string }[] };
  return externalIds.filter(({ type }) => type !== 'loyaltyId');
}

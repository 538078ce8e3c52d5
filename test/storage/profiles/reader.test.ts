import assert from 'node:assert/strict';
import { InvalidCursor } from '../../../storage/page.ts';
import { january, openPeople } from './people.ts';
import type { Happening, People } from './people.ts';

describe('who is who', () => {
  let people: People;
  beforeEach(async () => {
    people = await openPeople();
  });
  afterEach(() => people.close());

  it('makes an anonymous visit part of the person at login', async () => {
    await people.tell('02', { who: ['anonymousId:a1'], at: '01', event: 'Product Viewed' });
    await people.tell('03', { who: ['userId:jane'], at: '02' });
    assert.notEqual(await people.id('anonymousId:a1'), await people.id('userId:jane'));
    const outcome = await people.tell('04', { who: ['userId:jane', 'anonymousId:a1'], at: '03' });
    assert.deepEqual([outcome.minted.length, outcome.mergedAway.length], [0, 1]);
    const jane = await people.profiles.read('userId:jane');
    assert.equal(jane?.state.events, 3);
    assert.equal(jane.completeSince, january('01'));
    assert.equal(await people.id('anonymousId:a1'), jane.head.profileId);
    assert.deepEqual(Object.keys(jane.state.identifiers).sort(), ['anonymousId:a1', 'userId:jane']);
  });

  it('keeps both ids of a merge answering, with the older one', async () => {
    await people.tell('02', { who: ['anonymousId:a1'], at: '01' });
    const older = await people.id('anonymousId:a1');
    await people.tell('03', { who: ['userId:jane'], at: '02' });
    const younger = await people.id('userId:jane');
    await people.tell('04', { who: ['userId:jane', 'anonymousId:a1'], at: '03' });
    assert.equal(await people.id(older!), older);
    assert.equal(await people.id(younger!), older);
  });

  it('does not merge two people who share a device; it stays with the first seen', async () => {
    await people.tell('05', { who: ['userId:ann', 'deviceId:tablet'], at: '03' });
    await people.tell('06', { who: ['userId:bob', 'deviceId:tablet'], at: '04' });
    assert.notEqual(await people.id('userId:ann'), await people.id('userId:bob'));
    assert.equal(await people.id('deviceId:tablet'), await people.id('userId:ann'));
    const bob = await people.profiles.read('userId:bob');
    assert.deepEqual(Object.keys(bob!.state.identifiers), ['userId:bob']);
    assert.deepEqual(
      bob!.head.refused.map(({ refusedBy, type }) => [refusedBy, type]),
      [['unique', 'userId']],
    );
  });

  it('moves a shared device to whom an older event, come late, shows it with', async () => {
    await people.tell('05', { who: ['userId:ann', 'deviceId:tablet'], at: '03' });
    await people.tell('06', { who: ['userId:bob', 'deviceId:tablet'], at: '02' });
    assert.equal(await people.id('deviceId:tablet'), await people.id('userId:bob'));
    const before = await people.profiles.read('deviceId:tablet', { knownAt: january('05') });
    assert.equal(before?.head.profileId, await people.id('userId:ann'));
  });

  it('never links by null or undefined', async () => {
    await people.tell('05', { who: ['userId:ann', 'email:null'], at: '03' });
    await people.tell('06', { who: ['userId:bob', 'email:NULL', 'anonymousId:undefined'], at: '04' });
    const bob = await people.profiles.read('userId:bob');
    assert.equal(bob?.head.members.length, 1);
    assert.deepEqual(bob.head.refused, []);
  });

  it('refuses a sixth email', async () => {
    for (let n = 1; n <= 6; n++)
      await people.tell(`1${n}`, { who: ['userId:ann', `email:a${n}@example.org`], at: `0${n}` });
    const ann = await people.profiles.read('userId:ann');
    assert.equal(Object.keys(ann!.state.identifiers).filter((key) => key.startsWith('email:')).length, 5);
    assert.notEqual(await people.id('email:a6@example.org'), ann!.head.profileId);
    assert.deepEqual(
      ann!.head.refused.map(({ refusedBy, type }) => [refusedBy, type]),
      [['limit', 'email']],
    );
  });

  it('comes to the same people whatever the order of arrival', async () => {
    const happenings: Happening[] = [
      { who: ['userId:ann', 'deviceId:d'], at: '03' },
      { who: ['userId:bob', 'deviceId:d'], at: '02' },
      { who: ['deviceId:d', 'email:x@example.org'], at: '01' },
      { who: ['userId:ann', 'email:x@example.org'], at: '05' },
    ];
    const groups = async (order: readonly number[]): Promise<string[][]> => {
      const fresh = await openPeople();
      try {
        for (const [day, index] of order.entries()) await fresh.tell(`1${day}`, happenings[index]!);
        const found = new Map<string, string[]>();
        for (const address of ['userId:ann', 'userId:bob', 'deviceId:d', 'email:x@example.org']) {
          const id = (await fresh.id(address))!;
          found.set(id, [...(found.get(id) ?? []), address]);
        }
        return [...found.values()];
      } finally {
        await fresh.close();
      }
    };
    const expected = await groups([0, 1, 2, 3]);
    for (const order of [
      [3, 2, 1, 0],
      [2, 0, 3, 1],
      [1, 3, 0, 2],
    ])
      assert.deepEqual(await groups(order), expected);
  });
});

describe('reading a person', () => {
  let people: People;
  before(async () => {
    people = await openPeople();
    await people.tell('10', {
      who: ['anonymousId:a1'],
      at: '01',
      event: 'Product Viewed',
      traits: { city: 'Bern' },
    });
    await people.tell('11', { who: ['userId:jane'], at: '05', event: 'Order Completed', source: 'pos' });
    await people.tell('12', {
      who: ['userId:jane', 'anonymousId:a1'],
      at: '06',
      traits: { city: 'Basel' },
      consent: [{ purpose: 'marketing', status: 'granted' }],
    });
    await people.tell('20', {
      who: ['userId:jane'],
      at: '03',
      event: 'Email Opened',
      traits: { city: 'Chur' },
    });
  });
  after(() => people.close());

  it('shows with asOf the events up to then, under the links of now', async () => {
    const view = await people.profiles.read('userId:jane', { asOf: '2026-01-04' });
    assert.equal(view?.state.events, 2);
    assert.equal(view.state.traits['city']?.value, 'Chur');
    assert.equal(view.completeSince, january('01'));
    const none = await people.profiles.read('userId:jane', { asOf: '2025-01-01' });
    assert.equal(none?.completeSince, null);
  });

  it('shows with knownAt what was recorded up to then, with the profiles as they stood', async () => {
    const apart = await people.profiles.read('userId:jane', { knownAt: january('11') });
    assert.equal(apart?.state.events, 1);
    const visitor = await people.profiles.read('anonymousId:a1', { knownAt: january('11') });
    assert.equal(visitor?.state.traits['city']?.value, 'Bern');
    assert.notEqual(visitor.head.profileId, apart.head.profileId);
    const joined = await people.profiles.read('userId:jane', { knownAt: january('12') });
    assert.equal(joined?.state.events, 3);
    assert.equal(await people.profiles.read('userId:jane', { knownAt: january('10') }), undefined);
  });

  it('answers with a former id what that profile was then', async () => {
    const former = (await people.profiles.read('userId:jane', { knownAt: january('11') }))!.head.profileId;
    assert.equal((await people.profiles.read(former, { knownAt: january('11') }))?.state.events, 1);
    assert.equal((await people.profiles.read(former, { knownAt: january('13') }))?.state.events, 3);
    assert.equal((await people.profiles.read(former))?.state.events, 4);
  });

  it('combines asOf and knownAt: what was known then about that moment', async () => {
    const moment = { asOf: january('05'), knownAt: january('13') };
    assert.equal((await people.profiles.read('userId:jane', moment))?.state.events, 2);
  });

  it('pages the timeline newest first by event time, across fragments and late events', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await people.profiles.timeline('userId:jane', {}, { limit: 1, ...(cursor && { cursor }) });
      seen.push(...page!.items.map((event) => event.timestamp));
      cursor = page!.cursor ?? undefined;
    } while (cursor);
    assert.deepEqual(seen, ['06', '05', '03', '01'].map(january));
  });

  it('filters the timeline by name, source and time', async () => {
    const names = async (filter: object): Promise<string[]> =>
      (await people.profiles.timeline('userId:jane', filter))!.items.map((event) => event.event);
    assert.deepEqual(await names({ source: 'pos' }), ['Order Completed']);
    assert.deepEqual(await names({ event: 'Email Opened' }), ['Email Opened']);
    assert.deepEqual(await names({ from: january('03'), to: january('05') }), ['Email Opened']);
    assert.deepEqual(await names({ asOf: january('01') }), ['Product Viewed']);
    assert.deepEqual(await names({ knownAt: january('11') }), ['Order Completed']);
    const [last] = (await people.profiles.timeline('userId:jane'))!.items;
    assert.deepEqual(await names({ messageId: last!.messageId }), [last!.event]);
    assert.deepEqual(await names({ messageId: 'none' }), []);
  });

  it('refuses a cursor that it did not make', async () => {
    await assert.rejects(people.profiles.timeline('userId:jane', {}, { cursor: 'e30' }), InvalidCursor);
    await assert.rejects(people.profiles.history('userId:jane', { cursor: '%' }), InvalidCursor);
  });

  it('tells what changed, newest first; a late event changes nothing that is newer', async () => {
    const page = await people.profiles.history('userId:jane');
    assert.deepEqual(
      page!.items.map(({ path, before, after }) => [path, before, after]),
      [
        ['consent.marketing.userId:jane', null, 'granted'],
        ['consent.marketing.anonymousId:a1', null, 'granted'],
        ['traits.city', 'Bern', 'Basel'],
        ['identifiers.userId', null, 'jane'],
        ['identifiers.anonymousId', null, 'a1'],
        ['traits.city', null, 'Bern'],
      ],
    );
    const first = await people.profiles.history('userId:jane', { limit: 2 });
    const rest = await people.profiles.history('userId:jane', { cursor: first!.cursor! });
    assert.deepEqual([...first!.items, ...rest!.items], page!.items);
    assert.equal(rest!.cursor, null);
  });

  it('answers nothing for whom nobody knows', async () => {
    for (const address of ['userId:nobody', 'p_nobody', 'nonsense', 'shoeSize:44', ':', 'userId:'])
      assert.equal(await people.profiles.read(address), undefined);
  });

  it('finds an email however it is written', async () => {
    await people.tell('21', { who: ['email:joe@example.org'], at: '03' });
    assert.ok(await people.id('email: Joe@Example.ORG '));
  });
});

import assert from 'node:assert/strict';
import { identified, identifiersOf, openCompany, told, type Company } from './company.ts';

describe('who is who, by scenario', () => {
  let company: Company;
  beforeEach(async () => {
    company = await openCompany();
  });
  afterEach(() => company.close());
  const profileId = async (address: string): Promise<string> =>
    (await company.person(address)).head.profileId;

  it('a kiosk that 500 people log in on makes no two of them one person, and each has what they did', async () => {
    const people = Array.from({ length: 500 }, (_, n) => `guest-${n}`);
    const kiosk = { anonymousId: 'kiosk' };
    await company.happens(
      told(1, kiosk),
      ...people.map((userId) => told(2, { ...kiosk, userId }, { event: 'Logged In' })),
      told(3, kiosk),
    );
    await company.happens(
      ...people.map((userId) => told(4, { ...kiosk, userId }, { event: 'Order Completed' })),
    );
    const ids = new Set<string>();
    for (const userId of people) {
      const { head, state } = await company.person(`userId:${userId}`);
      ids.add(head.profileId);
      assert.equal(state.counters['Order Completed']?.count, 1);
      assert.equal(state.counters['Logged In']?.count, 1);
      assert.equal(state.events, 2);
    }
    assert.equal(ids.size, people.length);
    const alone = await company.person('anonymousId:kiosk');
    assert.deepEqual(identifiersOf(alone), ['anonymousId:kiosk']);
    assert.deepEqual(Object.values(alone.head.isolated ?? {}), ['shared-device']);
    assert.equal(alone.state.events, 2, 'what nobody in particular did stays with the kiosk');
  });

  it('a phone that a family shares stays with the one who had it first, and its members stay themselves', async () => {
    const phone = '+41791234567';
    await company.happens(
      identified(1, { userId: 'anna' }, { email: 'anna@example.com', phone }),
      identified(2, { userId: 'ben' }, { email: 'ben@example.com', phone }),
      identified(3, { userId: 'carl' }, { phone }),
    );
    assert.deepEqual(identifiersOf(await company.person('userId:anna')), [
      'email:anna@example.com',
      `phone:${phone}`,
      'userId:anna',
    ]);
    const ben = await company.person('userId:ben');
    assert.deepEqual(identifiersOf(ben), ['email:ben@example.com', 'userId:ben']);
    assert.deepEqual(
      ben.head.refused.map(({ refusedBy, type }) => [refusedBy, type]),
      [['unique', 'userId']],
    );
    assert.equal((await company.person(`phone:${phone}`)).head.profileId, await profileId('userId:anna'));
  });

  it("a recycled phone number brings its new owner nothing of the old one's, and a ruling gives it to them", async () => {
    const phone = '+41791112233';
    await company.happens(
      identified(1, { userId: 'old' }, { phone, city: 'Bern' }),
      told(2, { userId: 'old' }, { event: 'Order Completed', properties: { revenue: 900 } }),
    );
    await company.happens(identified(28, { userId: 'new' }, { phone }));
    const owner = await company.person('userId:new');
    assert.equal(owner.state.traits['city'], undefined);
    assert.equal(owner.state.counters['Order Completed'], undefined);
    assert.equal(await profileId(`phone:${phone}`), await profileId('userId:old'));
    await company.rules('never', 'userId:old', `phone:${phone}`);
    assert.equal(await profileId(`phone:${phone}`), await profileId('userId:new'));
    assert.deepEqual(identifiersOf(await company.person('userId:old')), ['userId:old']);
    assert.equal((await company.person('userId:old')).state.counters['Order Completed']?.count, 1);
  });

  it('a person who changes their email stays one person, answers to both, and shows the new one', async () => {
    await company.happens(
      identified(1, { anonymousId: 'laptop' }, { email: 'jane@old.example' }),
      identified(2, { userId: 'jane', anonymousId: 'laptop' }, { email: 'jane@old.example' }),
    );
    await company.happens(identified(9, { userId: 'jane' }, { email: 'jane@new.example' }));
    const jane = await company.person('email:jane@new.example');
    assert.equal(jane.head.profileId, await profileId('email:jane@old.example'));
    assert.equal(jane.state.traits['email']?.value, 'jane@new.example');
    assert.equal(jane.state.events, 3);
    await company.happens(identified(5, { userId: 'jane' }, { email: 'jane@old.example' }));
    const later = await company.person('userId:jane');
    assert.equal(
      later.state.traits['email']?.value,
      'jane@new.example',
      'a late event changes nothing newer',
    );
  });

  it('a typo in a userId makes a second account and joins no two, until somebody rules that it is a typo', async () => {
    const email = 'jane@example.com';
    await company.happens(
      identified(1, { userId: 'jane', anonymousId: 'phone-1' }, { email }),
      identified(2, { userId: 'jnae', anonymousId: 'phone-1' }, { email }),
      told(3, { userId: 'jane' }, { event: 'Order Completed' }),
    );
    const [right, typo] = [await company.person('userId:jane'), await company.person('userId:jnae')];
    assert.notEqual(right.head.profileId, typo.head.profileId);
    assert.deepEqual(identifiersOf(typo), ['userId:jnae']);
    assert.equal(typo.state.events, 1);
    assert.equal(await profileId(`email:${email}`), right.head.profileId);
    await company.rules('always', 'userId:jane', 'userId:jnae');
    const joined = await company.person('userId:jnae');
    assert.equal(joined.head.profileId, await profileId('userId:jane'));
    assert.equal(joined.state.events, 3);
  });

  it('`null` as an id names nobody: it joins no two visitors, and a message with nothing else waits in quarantine', async () => {
    const visitors = Array.from({ length: 30 }, (_, n) => `visitor-${n}`);
    await company.happens(
      ...visitors.map((anonymousId, n) =>
        told(1, {
          anonymousId,
          userId: ['null', 'NULL', 'undefined', '[object Object]', 'N/A'][n % 5] ?? '',
        }),
      ),
    );
    const ids = await Promise.all(visitors.map((visitor) => profileId(`anonymousId:${visitor}`)));
    assert.equal(new Set(ids).size, visitors.length);
    assert.equal(await company.store.profiles.read('userId:null'), undefined);
    await company.happens(told(2, { userId: 'null' }));
    const { items } = await company.store.quarantine.list({});
    assert.deepEqual(
      items.map(({ reason }) => reason.code),
      ['no-identifier'],
    );
  });
});

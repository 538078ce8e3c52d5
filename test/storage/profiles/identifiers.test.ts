import assert from 'node:assert/strict';
import type { ListedIdentifier } from '../../../storage/profiles/types.ts';
import { InvalidCursor } from '../../../storage/page.ts';
import { openPeopleOn, type People } from './people.ts';
import { storageSets } from '../../support/storage-sets.ts';

async function all(people: People, type: string, limit: number): Promise<ListedIdentifier[]> {
  const items: ListedIdentifier[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await people.profiles.identifiers(
      type,
      cursor === undefined ? { limit } : { limit, cursor },
    );
    assert.ok(page.items.length <= limit);
    items.push(...page.items);
    if (page.cursor === null) return items.sort((x, y) => (x.value < y.value ? -1 : 1));
    cursor = page.cursor;
  }
}

for (const set of storageSets) {
  describe(`the identifiers of a type, on ${set.name}`, () => {
    let people: People;
    let expected: ListedIdentifier[];

    before(async function () {
      this.timeout(120_000);
      people = await openPeopleOn(await set.open());
      await people.tell(
        '02',
        // One person with three records in the CRM, all of them by an address alone.
        { who: ['crmId:a1', 'email:ann@example.com'], at: '01' },
        { who: ['crmId:a2', 'email:ann@example.com'], at: '01' },
        { who: ['crmId:a3', 'email:ann@example.com', 'phone:+41791234567'], at: '01' },
        // Seen only beside a stronger identifier, and refused there: a profile of its own without events.
        { who: ['userId:bea', 'crmId:shared'], at: '01' },
        { who: ['userId:cleo', 'crmId:shared', 'email:cleo@example.com'], at: '02' },
        { who: ['anonymousId:dan'], at: '02' },
        // Shared by so many that it stands by itself, and never an event of its own.
        ...[1, 2, 3, 4, 5, 6].map((n) => ({ who: [`userId:guest-${n}`, 'deviceId:till'], at: '02' })),
      );
      // Two profiles that become one leave a redirect, which is nobody.
      await people.tell('03', { who: ['crmId:e1'], at: '03' }, { who: ['crmId:e2'], at: '03' });
      await people.tell('04', { who: ['loyaltyId:e', 'crmId:e1', 'crmId:e2'], at: '04' });
      const values = ['a1', 'a2', 'a3', 'e1', 'e2', 'shared'];
      expected = [];
      for (const value of values) {
        const profileId = await people.id(`crmId:${value}`);
        assert.ok(profileId !== undefined);
        expected.push({ value, profileId });
      }
    });
    after(() => people.close());

    for (const limit of [1, 2, 1000]) {
      it(`has each value once, with the profile that answers for it, in pages of ${limit}`, async () => {
        assert.deepEqual(await all(people, 'crmId', limit), expected);
      });
    }

    it('has the values that were only ever seen beside stronger ones', async () => {
      const values = (await all(people, 'email', 1)).map(({ value }) => value);
      assert.deepEqual(values, ['ann@example.com', 'cleo@example.com']);
      assert.deepEqual(
        (await all(people, 'phone', 10)).map(({ value }) => value),
        ['+41791234567'],
      );
    });

    it('has what stands by itself, though nothing is its own', async () => {
      const listed = await all(people, 'deviceId', 10);
      assert.deepEqual(listed, [{ value: 'till', profileId: await people.id('deviceId:till') }]);
      assert.equal((await all(people, 'userId', 3)).length, 8);
    });

    it('is empty for a type that nobody has', async () => {
      assert.deepEqual(await all(people, 'socialId', 10), []);
    });

    it('refuses a cursor of another list', async () => {
      await assert.rejects(people.profiles.identifiers('crmId', { cursor: 'bm9uZQ' }), InvalidCursor);
    });
  });
}

import assert from 'node:assert/strict';
import type { TraitEntry, TraitPolicy } from '../../../domain/profile/state.ts';
import { openPeople, type Happening, type People } from './people.ts';

describe('a trait under a policy', () => {
  let people: People;
  before(async () => {
    people = await openPeople();
    const tell = (at: string, source: string, city: string): Happening => ({
      who: ['userId:jane'],
      at,
      source,
      traits: { city },
    });
    await people.tell('02', tell('01', 'crm', 'Bern'), tell('02', 'web', 'Basel'));
    await people.tell(
      '03',
      { who: ['email:j@example.com'], at: '01T06:00', source: 'pos', traits: { city: 'Basel' } },
      tell('03', 'web', 'Zug'),
      { who: ['userId:jane', 'email:j@example.com'], at: '03T06:00' },
    );
    // Enough for the log to have folded them into a snapshot, under the first policy.
    for (let minute = 10; minute < 50; minute++)
      await people.tell(`04T00:${minute}`, { who: ['userId:jane'], at: `04T00:${minute}` });
  });
  after(() => people.close());

  async function under(policy: TraitPolicy): Promise<TraitEntry | undefined> {
    await people.registry.setTraitPolicy('city', policy);
    return (await people.profiles.read('userId:jane'))?.state.traits['city'];
  }

  it('is read anew from all history whenever the policy changes, over all fragments', async () => {
    assert.equal((await under('latest'))?.value, 'Zug');
    assert.deepEqual(await under('first'), {
      value: 'Bern',
      at: '2026-01-01T00:00:00.000Z',
      source: 'crm',
      messageId: 'm0001',
    });
    assert.equal((await under('min'))?.value, 'Basel');
    assert.equal((await under('max'))?.value, 'Zug');
    assert.deepEqual((await under('union'))?.value, ['Basel', 'Bern', 'Zug']);
    const frequent = await under('most-frequent');
    assert.equal(frequent?.value, 'Basel');
    assert.equal(frequent.messageId, 'm0002', 'the latest event that told it');
    assert.equal((await under({ sources: ['crm', 'pos'] }))?.value, 'Bern');
    assert.equal((await under({ sources: ['pos', 'crm'] }))?.value, 'Basel');
    assert.equal((await under('latest'))?.value, 'Zug');
  });

  it('is the same from snapshots as from the events, at any moment', async () => {
    for (const policy of ['union', 'most-frequent', { sources: ['pos'] }] as const) {
      const now = await under(policy);
      const then = await people.profiles.read('userId:jane', { asOf: '2026-01-20' });
      assert.deepEqual(then?.state.traits['city'], now);
    }
  });

  it('has a version and an event for each change, and none where nothing changes', async () => {
    const before = (await people.registry.config()).fold.version;
    await people.registry.setTraitPolicy('city', { sources: ['pos'] });
    assert.equal((await people.registry.config()).fold.version, before);
    const { fold } = await people.registry.setTraitPolicy('city', 'min');
    assert.equal(fold.version, before + 1);
    const changes = await people.registry.foldChanges();
    assert.equal(changes.length, fold.version - 1);
    assert.deepEqual(changes.at(-1)?.before.traits, { city: { sources: ['pos'] } });
    assert.deepEqual(changes.at(-1)?.after.traits, { city: 'min' });
    assert.deepEqual((await people.registry.setTraitPolicy('city', 'latest')).fold.traits, {});
  });

  it('loses no change of another trait that is made at the same time', async () => {
    const traits = ['a', 'b', 'c', 'd', '__proto__'];
    await Promise.all(traits.map((trait) => people.registry.setTraitPolicy(trait, 'first')));
    const { fold } = await people.registry.config();
    assert.deepEqual(Object.keys(fold.traits).sort(), [...traits].sort());
  });
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createReplayMappingActivities } from '../../../activities/replay-mapping/index.ts';
import { presentProfile } from '../../../domain/profile/present.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { activitiesOn, runActivity, SOURCE, TENANT, tenantOn } from '../tenant.ts';
import { ask, carryOut, mappingOf, replay, take } from './run.ts';

const BY_CARD = mappingOf({ identifiers: { loyaltyId: 'card', email: 'mail' }, traits: { city: 'town' } });
const BY_CUSTOMER = mappingOf({
  identifiers: { userId: 'customer', email: 'mail' },
  traits: { city: 'city' },
  required: 'customer',
});
const sale = (n: number, more: object = {}): object => ({
  ...{ card: `c${n}`, mail: `m${n}@x.example`, customer: `u${n}`, town: 'Old', city: 'New', revenue: '5.10' },
  ...more,
});

describe('a replay of stored items', () => {
  let storage: TestStorage;
  let store: TenantStore;
  beforeEach(async () => {
    const [embedded] = storageSets;
    assert.ok(embedded);
    storage = await embedded.open();
    store = await tenantOn(storage);
    await store.registry.putMapping(BY_CARD);
    await store.registry.putMapping(BY_CUSTOMER);
  });
  afterEach(() => storage.close());

  const shown = async (who: string): Promise<unknown> => {
    const view = await store.profiles.read(who);
    return view && presentProfile(view.state);
  };
  const idsOf = async (who: string): Promise<string[] | undefined> => {
    const view = await store.profiles.read(who);
    return view && presentProfile(view.state).identifiers;
  };

  it('moves events to the identifiers of the version, and takes wrong links apart', async () => {
    await take(store, [sale(1), sale(2, { card: 'c1' }), sale(3)]);
    assert.equal((await store.batches.counts()).profiles, 2, 'one card joined two people');
    const known = new Date().toISOString();
    const outcome = await replay(store, 'till@2');
    assert.deepEqual(
      { ...outcome, endedAt: '' },
      {
        ...{
          status: 'done',
          items: 3,
          same: 0,
          corrected: 3,
          moved: 3,
          refused: 0,
          duplicates: 0,
          skipped: 0,
        },
        ...{ left: 0, released: 0, heldAgain: 0, endedAt: '' },
      },
    );
    assert.deepEqual(await idsOf('email:m1@x.example'), ['userId:u1', 'email:m1@x.example']);
    assert.deepEqual(await idsOf('email:m2@x.example'), ['userId:u2', 'email:m2@x.example']);
    assert.equal(await shown('loyaltyId:c1'), undefined, 'nobody is left of the card');
    const counts = await store.batches.counts();
    assert.deepEqual([counts.profiles, counts.fragments, counts.events], [3, 3, 3]);
    const then = await store.profiles.read('loyaltyId:c1', { knownAt: known });
    assert.equal(then?.state.events, 2, 'what was known then is shown as it was');
    const timeline = await store.profiles.timeline('userId:u1');
    assert.deepEqual(
      timeline?.items.map(({ mapping }) => mapping),
      ['till@2'],
    );
    const history = await store.profiles.history('userId:u1');
    assert.ok(history?.items.every(({ mapping }) => mapping === 'till@2'));
  });

  it('changes nothing the second time, and comes back by the former version', async () => {
    await take(store, [sale(1), sale(2, { card: 'c1' }), sale(3)]);
    const before = await shown('loyaltyId:c1');
    await replay(store, 'till@2');
    const there = await store.batches.counts();
    const again = await replay(store, 'till@2');
    assert.deepEqual([again.items, again.same, again.corrected], [3, 3, 0]);
    assert.deepEqual(await store.batches.counts(), there);
    assert.equal((await replay(store, 'till@1')).corrected, 3);
    assert.deepEqual(await shown('loyaltyId:c1'), before);
    assert.equal(await shown('userId:u1'), undefined);
    assert.equal((await store.batches.counts()).profiles, 2);
  });

  it('holds what the version refuses, and releases what it takes', async () => {
    await take(store, [sale(1), { ...sale(2), customer: undefined }]);
    const before = [await shown('loyaltyId:c1'), await shown('loyaltyId:c2')];
    const there = await replay(store, 'till@2');
    assert.deepEqual([there.corrected, there.refused, there.released], [1, 1, 0]);
    const held = await store.quarantine.list({ source: SOURCE, status: 'held' });
    assert.deepEqual(
      held.items.map(({ reason }) => reason.code),
      ['invalid-record'],
    );
    const { sources, events } = await store.batches.counts();
    assert.deepEqual(sources[SOURCE], { received: 2, stored: 1, duplicates: 0, quarantined: 1, pending: 0 });
    assert.equal(events, 1);
    const back = await replay(store, 'till@1');
    assert.deepEqual([back.corrected, back.skipped, back.released, back.heldAgain], [1, 1, 1, 0]);
    assert.deepEqual([await shown('loyaltyId:c1'), await shown('loyaltyId:c2')], before);
    assert.equal((await store.batches.counts()).events, 2);
  });

  it('touches only items of the mapping that were received in the times asked for', async () => {
    await take(store, [sale(1)]);
    await take(store, [{ type: 'track', event: 'E', userId: 'u9' }], { mapping: 'segment' });
    const none = await replay(store, 'till@2', { from: '2026-06-02T00:00:00.000Z' });
    assert.deepEqual([none.items, none.corrected], [0, 0]);
    const all = await replay(store, 'till@2', { to: '2026-06-02T00:00:00.000Z' });
    assert.deepEqual([all.items, all.corrected], [1, 1]);
  });

  it('leaves links that events show which come while it goes on, though the pump knew of them', async () => {
    const pump = activitiesOn(store);
    const send = async (): Promise<void> => {
      const receivedAt = new Date().toISOString();
      const line = JSON.stringify({ body: sale(1), receivedAt });
      await store.batches.append({ source: SOURCE, lane: 0, mapping: 'till@1', items: 1, receivedAt }, [
        line,
      ]);
      await runActivity(() => pump.pump({ tenant: TENANT, source: SOURCE, lane: 0, idleMs: 0 }));
    };
    await send();
    const runId = await ask(store, 'till@2');
    const activities = createReplayMappingActivities({ store, settleMs: 0 });
    const at = { tenant: TENANT, source: SOURCE, runId };
    await runActivity(() => activities.planReplay(at));
    await runActivity(() => activities.replaySlice({ ...at, slice: 0 }));
    assert.equal(await shown('loyaltyId:c1'), undefined);
    await send();
    assert.deepEqual(await idsOf('loyaltyId:c1'), ['userId:u1', 'loyaltyId:c1', 'email:m1@x.example']);
    await carryOut(store, runId, 0);
    const { events, profiles } = await store.batches.counts();
    assert.deepEqual([events, profiles], [2, 1], 'both events, of one person by the email');
  });

  it('keeps an item that is sent again a duplicate', async () => {
    const named = mappingOf({ identifiers: { loyaltyId: 'card' }, messageId: 'no' });
    const renamed = mappingOf({ identifiers: { userId: 'customer' }, messageId: 'receipt' });
    await store.registry.putMapping(named);
    await store.registry.putMapping(renamed);
    const body = sale(1, { no: 'n1', receipt: 'r1' });
    await take(store, [body], { mapping: 'till@3' });
    await replay(store, 'till@4');
    for (const mapping of ['till@3', 'till@4']) await take(store, [body], { mapping });
    const { sources, events } = await store.batches.counts();
    assert.equal(sources[SOURCE]?.duplicates, 2);
    assert.equal(events, 1);
  });
});

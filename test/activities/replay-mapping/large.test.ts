import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createReplayMappingActivities } from '../../../activities/replay-mapping/index.ts';
import { canonicalJson } from '../../../domain/canonical.ts';
import { presentProfile } from '../../../domain/profile/present.ts';
import { WRITE_OPS_MAX } from '../../../storage/ports.ts';
import type { Storage } from '../../../storage/ports.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { storageSets } from '../../support/storage-sets.ts';
import { dying } from '../dying.ts';
import { runActivity, SOURCE, TENANT, tenantOn } from '../tenant.ts';
import { ask, carryOut, mappingOf, take } from './run.ts';

/** More people than one transaction takes, of whom one wrong field decides. */
const CROWD = WRITE_OPS_MAX + 5;
const WRONG = mappingOf({ identifiers: { loyaltyId: 'card', deviceId: 'seller', email: 'mail' } });
const RIGHT = mappingOf({ identifiers: { loyaltyId: 'card', deviceId: 'till', email: 'mail' } });

/** Calls of a slice at which its process dies: when the first of the steps is done, and when some more are. */
const DIES_EARLY = 234;
const DIES_LATE = 240;

const mail = (n: number): string => `m${n}@x.example`;
/** A card and a till with as many addresses each; the one record that names both does so by the wrong field. */
const BODIES = [
  { card: 'c1', seller: 't1', revenue: '1.00' },
  ...Array.from({ length: CROWD }, (_, n) => ({ card: 'c1', mail: mail(n), revenue: '1.00' })),
  ...Array.from({ length: CROWD }, (_, n) => ({
    ...{ seller: 't1', till: 't1', mail: mail(CROWD + n), revenue: '2.00' },
  })),
];

async function seen(store: TenantStore): Promise<string> {
  const people = [];
  for (const who of ['loyaltyId:c1', 'deviceId:t1', ...BODIES.map((_, n) => `email:${mail(n)}`)]) {
    const view = await store.profiles.read(who);
    people.push([who, view && presentProfile(view.state)]);
  }
  const { profiles, fragments, events } = await store.batches.counts();
  return canonicalJson({ people, profiles, fragments, events });
}

/** A tenant with all of it mapped, under rules of which nothing but the limit decides; then `work`, then what readers see. */
async function given(
  mapping: string,
  work: (store: TenantStore, storage: Storage) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const [embedded] = storageSets;
  assert.ok(embedded);
  const storage = await embedded.open();
  try {
    const store = await tenantOn(storage);
    const { version, priority, blocked } = (await store.registry.config()).identity;
    await store.registry.setConfig({
      identity: { version, priority, blocked, unique: [], limits: { email: CROWD } },
    });
    for (const definition of [WRONG, RIGHT]) await store.registry.putMapping(definition);
    await take(store, BODIES, { mapping });
    await work(store, storage);
    return await seen(await tenantOn(storage));
  } finally {
    await storage.close();
  }
}

/** A slice of the run up to where the process dies. */
async function die(storage: Storage, runId: string, call: number): Promise<void> {
  const { storage: doomed, kill } = dying(storage, call, 'after');
  const activities = createReplayMappingActivities({ store: await tenantOn(doomed), settleMs: 0 });
  const at = { tenant: TENANT, source: SOURCE, runId };
  await runActivity(() => activities.planReplay(at));
  kill();
  await runActivity(() => activities.replaySlice({ ...at, slice: 0 }));
}

describe('a replay that corrects more profiles at once than a transaction takes', function () {
  this.timeout(300_000);

  it('makes of them what a tenant has that was mapped rightly from the start', async () => {
    const expected = await given('till@2');
    assert.notEqual(await given('till@1'), expected);
    const replayed = await given('till@1', async (store) => {
      const { left, corrected } = await carryOut(store, await ask(store, 'till@2'));
      assert.deepEqual([left, corrected > 0], [0, true]);
    });
    assert.equal(replayed, expected);
  });

  for (const call of [DIES_EARLY, DIES_LATE])
    it(`does so where its process dies at call ${call} and is started again`, async () => {
      const expected = await given('till@2');
      const replayed = await given('till@1', async (store, storage) => {
        const runId = await ask(store, 'till@2');
        await assert.rejects(die(storage, runId, call));
        assert.equal((await carryOut(await tenantOn(storage), runId)).left, 0);
      });
      assert.equal(replayed, expected);
    });
});

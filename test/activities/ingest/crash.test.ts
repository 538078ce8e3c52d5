import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { JsonObject } from '../../../domain/json.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { dying, type Moment } from '../dying.ts';
import {
  activitiesOn,
  append,
  pumpAll,
  quietEnvironment,
  recordingObserver,
  runActivity,
  SOURCE,
  TENANT,
  tenantOn,
} from '../tenant.ts';

const OLDEST = '00000000000000000000000001';

const at = '2026-01-01T00:00:00.000Z';
const track = (messageId: string, event: string, who: JsonObject): JsonObject => ({
  type: 'track',
  messageId,
  event,
  timestamp: at,
  ...who,
});

/** New people, a join, a duplicate, a conflict and two items that can't go on. */
async function fill(store: TenantStore): Promise<void> {
  await append(store, [
    track('m1', 'A', { anonymousId: 'a1' }),
    track('m2', 'A', { userId: 'u2' }),
    track('m1', 'A', { anonymousId: 'a1' }),
  ]);
  await append(store, [
    track('m2', 'Other', { userId: 'u2' }),
    track('m3', 'B', { anonymousId: 'a1', userId: 'u1' }),
    { type: 'track', messageId: 'm4', event: 'Nobody' },
  ]);
  await append(store, [{ no: 'type' }], { reject: { code: 'refused', detail: 'refused' } });
}

/** A batch that is announced late and is older than those that a crashed pump had taken. */
const late = (store: TenantStore): Promise<string> =>
  append(store, [track('m5', 'C', { userId: 'u5' }), track('m2', 'A', { userId: 'u2' })], {
    batchId: OLDEST,
  });

async function state(store: TenantStore): Promise<unknown> {
  const people = ['anonymousId:a1', 'userId:u1', 'userId:u2', 'userId:u5'];
  const held = await store.quarantine.list({ source: SOURCE });
  const duplicates = await store.batches.duplicates(SOURCE);
  return {
    counts: await store.batches.counts(),
    events: await Promise.all(people.map(async (who) => (await store.profiles.read(who))?.state.events)),
    held: held.items.map((entry) => entry.reason.code).sort(),
    duplicates: duplicates.items.map(({ messageId, index }) => `${messageId} ${index}`).sort(),
  };
}

async function fresh<T>(run: (storage: TestStorage) => Promise<T>): Promise<T> {
  const [embedded] = storageSets;
  assert.ok(embedded);
  const storage = await embedded.open();
  try {
    return await run(storage);
  } finally {
    await storage.close();
  }
}

/** Pumps with a process that dies at its n-th call; answers whether it lived to the end. */
async function crash(storage: TestStorage, n: number, moment: Moment): Promise<boolean> {
  const { storage: doomed, kill } = dying(storage, n, moment);
  const store = await tenantOn(doomed);
  // From here on the calls are the pump's own.
  kill();
  const environment = quietEnvironment();
  // A pump waits for a store that is away; this one's process is gone.
  const observer = {
    ...recordingObserver(),
    waiting: () => {
      environment.cancel('TIMED_OUT');
    },
  };
  const activities = activitiesOn(store, observer);
  const result = await runActivity(
    () => activities.pump({ tenant: TENANT, source: SOURCE, lane: 0, idleMs: 0 }),
    environment,
  );
  return result.ended === 'idle';
}

describe('a pump that dies', () => {
  for (const moment of ['before', 'after'] as const) {
    it(`leaves every event once and every count exact, ${moment} the effect of any one call`, async function () {
      this.timeout(120_000);
      const expected = await fresh(async (storage) => {
        const store = await tenantOn(storage);
        await fill(store);
        await pumpAll(store);
        await late(store);
        await pumpAll(store);
        return state(store);
      });
      let crashes = 0;
      for (let n = 1; ; n += 1) {
        const lived = await fresh(async (storage) => {
          const store = await tenantOn(storage);
          await fill(store);
          const ended = await crash(storage, n, moment);
          await late(store);
          await pumpAll(await tenantOn(storage));
          assert.deepEqual(await state(await tenantOn(storage)), expected, `call ${n}`);
          return ended;
        });
        if (lived) break;
        crashes += 1;
      }
      assert.ok(crashes > 10, `only ${crashes} calls were tried`);
    });
  }
});

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { IngestActivities } from '../../../activities/ingest/index.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { track } from '../../support/segment.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { activitiesOn, append, runActivity, SOURCE, TENANT, tenantOn } from '../tenant.ts';

/** Batches that come while a drain waits, before it is given up. */
const COMING_MAX = 300;

for (const set of storageSets) {
  describe(`draining on ${set.name}`, function () {
    this.timeout(60_000);
    const input = { tenant: TENANT, source: SOURCE };
    let storage: TestStorage;
    let store: TenantStore;
    let activities: IngestActivities;

    beforeEach(async () => {
      storage = await set.open();
      store = await tenantOn(storage, 0, 2);
      activities = activitiesOn(store);
    });

    afterEach(() => storage.close());

    /** Completes a lane's oldest batch as if a pump had, without a look at its items. */
    const complete = async (lane: number): Promise<void> => {
      const [header] = await store.batches.pending(SOURCE, lane, 1);
      assert.ok(header);
      const none = { duplicates: 0, quarantined: 0, events: 0, fragments: 0, profiles: 0 };
      await store.batches.complete([{ header, stored: header.items, ...none }]);
    };
    const send = (lane: number): Promise<string> => append(store, [track('A') as JsonObject], { lane });

    it('says how far each lane goes that has anything', async () => {
      await send(0);
      const through = await send(0);
      assert.deepEqual(await runActivity(() => activities.pendingBounds(input)), [{ lane: 0, through }]);
      await send(1);
      assert.equal((await runActivity(() => activities.pendingBounds(input))).length, 2);
    });

    for (const told of ['told', 'found by itself'])
      it(`ends once what was there at first, ${told}, is through, though a lane is never empty`, async () => {
        const first = [await send(0), await send(0), await send(0), await send(1)];
        const bounds =
          told === 'told' ? { bounds: await runActivity(() => activities.pendingBounds(input)) } : {};
        const drain = { isOver: false };
        const drained = runActivity(() => activities.untilDrained({ ...input, ...bounds })).then(() => {
          drain.isOver = true;
        });
        await complete(1);
        for (let round = 0; round < COMING_MAX && !drain.isOver; round++) {
          await send(0);
          await complete(0);
          await sleep(5);
        }
        assert.ok(drain.isOver, 'it never ended');
        await drained;
        assert.ok((await store.batches.pending(SOURCE, 0, 1)).length > 0);
        assert.equal(
          await store.batches.stillPending(
            first.map((batchId, n) => ({ source: SOURCE, lane: n < 3 ? 0 : 1, batchId })),
          ),
          0,
        );
      });
  });
}

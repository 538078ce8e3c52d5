import assert from 'node:assert/strict';
import type { ScheduleSettings } from '../../../domain/schedules/types.ts';
import type { Storage } from '../../../storage/ports.ts';
import { InvalidConfig } from '../../../storage/registry/errors.ts';
import { createScheduleStore } from '../../../storage/schedules/schedules.ts';
import type { ScheduleStore } from '../../../storage/schedules/types.ts';
import { createVault } from '../../../storage/vault/vault.ts';
import { storageSets } from '../../support/storage-sets.ts';

const tenant = 'acme';
const hourly = { source: 'crm', name: 'hourly' };
const settings: ScheduleSettings = {
  action: { kind: 'sync' },
  timing: { every: 'PT1H', timeZone: 'UTC' },
  overlap: 'skip',
  catchupWindow: 'PT1H',
  paused: false,
};

function open(storage: Storage): ScheduleStore {
  return createScheduleStore({ tenant, storage, vault: createVault({ tenant, storage }) });
}

for (const set of storageSets) {
  describe(`schedules on ${set.name}`, function () {
    this.timeout(60_000);
    let storage: Awaited<ReturnType<typeof set.open>>;
    let schedules: ScheduleStore;
    beforeEach(async () => {
      storage = await set.open();
      schedules = open(storage);
    });
    afterEach(() => storage.close());

    it('are versioned, and there for whoever opens the store again', async () => {
      assert.deepEqual(await schedules.put(hourly, settings), { ...hourly, ...settings, version: 1 });
      const later = { ...settings, timing: { cron: ['@daily'], timeZone: 'Europe/Berlin' } };
      await schedules.put(hourly, later);
      assert.deepEqual(await open(storage).list(), [{ ...hourly, ...later, version: 2 }]);
    });

    it('are paused with a note, which resuming takes away', async () => {
      await schedules.put(hourly, settings);
      assert.deepEqual(await schedules.setPaused(hourly, true, 'the vendor is down'), {
        ...{ ...hourly, ...settings, version: 2 },
        ...{ paused: true, note: 'the vendor is down' },
      });
      assert.deepEqual(await schedules.setPaused(hourly, false, undefined), {
        ...{ ...hourly, ...settings, version: 3 },
      });
      assert.equal(await schedules.setPaused({ source: 'crm', name: 'no' }, true, undefined), undefined);
    });

    it('are known as removed, and can come back under the same name', async () => {
      await schedules.put(hourly, settings);
      assert.equal(await schedules.remove(hourly), true);
      assert.equal(await schedules.remove(hourly), false);
      assert.equal(await schedules.get(hourly), undefined);
      assert.deepEqual(await schedules.all(), [{ ...hourly, removed: true, version: 2 }]);
      assert.equal((await schedules.put(hourly, settings)).version, 3);
    });

    it('refuse names and settings that can not be, naming the field', async () => {
      const names = (field: string) => (error: unknown) =>
        error instanceof InvalidConfig && error.field === field;
      await assert.rejects(schedules.put({ source: 'crm', name: 'a/b' }, settings), names('name'));
      const never = { ...settings, timing: { timeZone: 'UTC' } };
      await assert.rejects(schedules.put(hourly, never), names('every'));
      assert.deepEqual(await schedules.all(), []);
    });

    it('take changes of two processes at once, one after the other', async () => {
      await schedules.put(hourly, settings);
      const other = open(storage);
      await Promise.all([schedules.setPaused(hourly, true, 'one'), other.setPaused(hourly, true, 'two')]);
      assert.equal((await schedules.get(hourly))?.version, 3);
    });
  });
}

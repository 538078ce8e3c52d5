import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StorageError } from '../../../storage/errors.ts';
import { openStorage } from '../../../storage/open.ts';
import { openTenant } from '../../../storage/tenant.ts';
import { FakeSalesforce } from '../../support/vendors/salesforce.ts';
import { dying, type Moment } from '../dying.ts';
import { pumpAll, runActivity, SOURCE, TENANT, tenantOn } from '../tenant.ts';
import { readSteps, syncActivities } from './runs.ts';

const NAME = { tenant: TENANT, source: SOURCE, runId: 'r' };
/** Calls of the store that a run of three pages makes at the least: a death at each of them is tried. */
const CALLS_MIN = 20;

describe('a process that dies in a sync', function () {
  this.timeout(120_000);
  let vendor: FakeSalesforce;
  before(async () => {
    vendor = new FakeSalesforce();
    await vendor.listen();
    vendor.fields.set('Contact', { FirstName: 'string', Email: 'email' });
    vendor.objects.set('Contact', vendor.contacts(5));
  });
  after(() => vendor.close());

  /** Answers whether the process lived to the end. */
  async function runDyingAt(n: number, moment: Moment): Promise<boolean> {
    const dir = await mkdtemp(join(tmpdir(), 'tessera-sync-crash-'));
    const storage = await openStorage({ kind: 'embedded', dir });
    const store = await tenantOn(storage);
    const auth = { kind: 'client-credentials', ...vendor.client } as const;
    await store.syncs.configure(SOURCE, {
      vendor: 'salesforce',
      url: vendor.url,
      auth,
      objects: ['Contact'],
    });
    const begun = { ...NAME, workflowId: 'w', startedAt: '2026-03-02T00:00:00.000Z' };
    const all = async (activities: ReturnType<typeof syncActivities>): Promise<void> => {
      await runActivity(() => activities.beginSync(begun));
      assert.equal(await readSteps(activities, NAME.runId), undefined);
    };
    const mortal = dying(storage, n, moment);
    const doomed = await openTenant({ tenant: TENANT, storage: mortal.storage });
    mortal.kill();
    const lived = await all(syncActivities(doomed)).then(
      () => true,
      (error: unknown) => {
        assert.ok(error instanceof StorageError, String(error));
        return false;
      },
    );
    await all(syncActivities(store));
    await pumpAll(store);
    await runActivity(() => syncActivities(store).finishSync({ ...begun, status: 'done' }));
    const { stored, duplicates, pending, quarantined } = (await store.batches.counts()).sources[SOURCE] ?? {};
    assert.deepEqual(
      { stored, duplicates, pending, quarantined },
      { stored: 5, duplicates: 0, pending: 0, quarantined: 0 },
    );
    const manifest = await store.syncs.manifest(NAME);
    assert.deepEqual([manifest?.rows, manifest?.stored, manifest?.pages], [5, 5, 3]);
    const { value } = await store.syncs.cursor(SOURCE, 'Contact');
    assert.equal(value?.modified, '2026-03-01T12:04:00.000Z');
    await store.close();
    await rm(dir, { recursive: true, force: true });
    return lived;
  }

  for (const moment of ['before', 'after'] as const) {
    it(`leaves every record once and a right manifest, whichever call of the store it dies ${moment}`, async () => {
      let n = 1;
      while (!(await runDyingAt(n, moment))) n += 1;
      assert.ok(n > CALLS_MIN, `${n} calls`);
    });
  }
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createReplayActivities } from '../../../activities/replay/index.ts';
import type { RehearseResult } from '../../../activities/replay/rehearse.ts';
import type { MappingDefinition } from '../../../domain/mapping/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { pumpAll, runActivity, SOURCE, TENANT, tenantOn } from '../tenant.ts';

const till = (paid: string, required: boolean): Omit<MappingDefinition, 'version'> => ({
  name: 'till',
  description: '',
  kind: 'record',
  record: {
    type: 'track',
    event: { const: 'Order Completed' },
    identifiers: { loyaltyId: { path: 'card', required: true } },
    properties: { revenue: { path: paid, as: 'decimal', required } },
  },
});

describe('a rehearsal of a mapping', () => {
  let storage: TestStorage;
  let store: TenantStore;
  beforeEach(async () => {
    const [embedded] = storageSets;
    assert.ok(embedded);
    storage = await embedded.open();
    store = await tenantOn(storage);
    await store.registry.putMapping(till('net', true));
    await store.registry.putMapping(till('gross', true));
  });
  afterEach(() => storage.close());

  async function take(bodies: readonly object[], mapping = 'till@1'): Promise<void> {
    const receivedAt = '2026-11-01T10:00:00.000Z';
    await store.batches.append(
      { source: SOURCE, lane: 0, mapping, items: bodies.length, receivedAt },
      bodies.map((body) => JSON.stringify({ body, receivedAt })),
    );
    await pumpAll(store);
  }
  const rehearse = (more: { slice?: number; cursor?: string } = {}): Promise<RehearseResult> =>
    runActivity(() =>
      createReplayActivities({ store }).rehearseSlice({
        ...{ tenant: TENANT, source: SOURCE, runId: 'r1', before: 'till@1', after: 'till@2', slice: 0 },
        ...more,
      }),
    );

  it('says what would be the same, other, taken and refused, and stores nothing', async () => {
    await take([
      { card: '1', net: '5', gross: '5' },
      { card: '2', net: '5', gross: '6' },
      { card: '3', gross: '6' },
      { card: '4', net: '5' },
      { card: '5' },
    ]);
    await take([{ userId: 'u', type: 'track', event: 'E' }], 'segment');
    const before = await store.batches.counts();
    assert.deepEqual(await rehearse(), { items: 5, batches: 1 });
    await rehearse();
    assert.deepEqual(await store.rehearsals.sum('r1'), {
      ...{ batches: 1, items: 5, same: 1, changed: 1, mended: 1, broken: 1, refused: 1 },
      fields: { 'properties.revenue': 1 },
      mendedBy: { 'invalid-record': 1 },
      brokenBy: { 'invalid-record': 1 },
    });
    assert.deepEqual(await store.batches.counts(), before);
  });

  it('looks at each item once, however often it was sent again', async () => {
    await take([{ card: '1', gross: '5' }]);
    const held = await store.quarantine.list({ status: 'held' });
    const call = { name: 'run|0', at: '2026-11-02T10:00:00.000Z' };
    const other = await store.quarantine.releaseMany(held.items, call, { cameWith: 'segment' });
    assert.deepEqual([other.released, other.skipped], [0, 1], 'what came with another mapping stays held');
    await store.quarantine.releaseMany(held.items, call, { mapping: 'till@2', cameWith: 'till' });
    await pumpAll(store);
    assert.equal((await store.batches.counts()).events, 1);
    assert.deepEqual(await rehearse(), { items: 1, batches: 2 });
    assert.equal((await store.rehearsals.sum('r1')).mended, 1);
  });
});

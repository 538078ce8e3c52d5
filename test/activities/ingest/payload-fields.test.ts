import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { JsonObject } from '../../../domain/json.ts';
import { readHealth } from '../../../storage/quality/health.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { track } from '../../support/segment.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { append, pumpAll, SOURCE, tenantOn } from '../tenant.ts';

describe('pump with payloads of a vendor', () => {
  let storage: TestStorage;
  let store: TenantStore;
  beforeEach(async () => {
    const [embedded] = storageSets;
    assert.ok(embedded);
    storage = await embedded.open();
    store = await tenantOn(storage);
  });
  afterEach(() => storage.close());

  /** So many orders as Shopify sends them, as far as its mapping needs. */
  const orders = async (from: number, count: number, more: JsonObject): Promise<void> => {
    const bodies = Array.from({ length: count }, (_, n) => ({
      ...{ id: from + n, email: `buyer${n % 20}@example.org`, currency: 'EUR', line_items: [{ sku: 'A' }] },
      ...{ created_at: '2026-11-20T10:00:00Z', ...more },
    }));
    await append(store, bodies, { mapping: 'shopify' });
    await pumpAll(store);
  };
  const changes = async (): Promise<string[]> => {
    const { fields } = await readHealth(store, SOURCE, Date.now());
    return fields.map(({ event, path, change }) => `${event}: ${path} ${change}`);
  };

  it('tells of fields that no mapping takes, new or gone, and keeps every payload', async () => {
    await orders(0, 1_000, { checkout_token: 't' });
    assert.deepEqual(await changes(), []);
    await orders(1_000, 1_000, { loyalty: { tier: 'gold', points: { 'jane@example.org': 1 } } });
    const [{ event } = { event: '' }] = await store.quality.payloads(SOURCE);
    assert.deepEqual((await changes()).sort(), [
      `${event}: $.checkout_token vanished`,
      ...['$.loyalty', '$.loyalty.points', '$.loyalty.points.*', '$.loyalty.tier'].map(
        (path) => `${event}: ${path} new`,
      ),
    ]);
    const { findings } = await readHealth(store, SOURCE, Date.now());
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['field-new', 'field-vanished'],
    );
    assert.equal((await store.batches.counts()).sources[SOURCE]?.stored, 2_000);
    for await (const { value } of storage.intake.scan('payload/'))
      assert.ok(!Buffer.from(value).includes('loyalty'), 'sealed');
  });

  it('looks at no messages of the Segment spec, whose events hold all that was sent', async () => {
    await append(store, [track('Seen', { userId: 'ann', messageId: 'm1' }) as JsonObject]);
    await pumpAll(store);
    assert.equal((await store.quality.shapes(SOURCE)).length, 1);
    assert.deepEqual(await store.quality.payloads(SOURCE), []);
  });
});

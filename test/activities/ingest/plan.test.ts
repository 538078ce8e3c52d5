import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { JsonObject } from '../../../domain/json.ts';
import { inferRules } from '../../../domain/tracking/infer.ts';
import type { PlanDefinition } from '../../../domain/tracking/types.ts';
import { compilePlan } from '../../../domain/tracking/compile.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { track } from '../../support/segment.ts';
import { append, pumpAll, SOURCE, tenantOn } from '../tenant.ts';

const PLAN: PlanDefinition = {
  name: 'shop',
  description: '',
  sources: [SOURCE],
  mode: 'quarantine',
  unplanned: 'allow',
  rules: [
    {
      event: 'Bought',
      schema: {
        properties: { properties: { properties: { price: { type: 'number' } }, required: ['price'] } },
      },
    },
    { event: 'Seen', mode: 'warn', schema: { properties: { properties: { required: ['page'] } } } },
  ],
};

describe('pump with a tracking plan', () => {
  let storage: TestStorage;
  let store: TenantStore;
  beforeEach(async () => {
    const [embedded] = storageSets;
    assert.ok(embedded);
    storage = await embedded.open();
    store = await tenantOn(storage);
  });
  afterEach(() => storage.close());

  const message = (event: string, messageId: string, properties: JsonObject): JsonObject =>
    track(event, { userId: 'ann', messageId, properties }) as JsonObject;
  const counts = async () => {
    const { stored, quarantined } = (await store.batches.counts()).sources[SOURCE] ?? {};
    return { stored, quarantined };
  };

  it('holds, warns or lets through as the plan says, and counts each way with an example', async () => {
    await store.registry.plans.put(PLAN);
    const batchId = await append(store, [
      message('Bought', 'm1', { price: 1 }),
      message('Bought', 'm2', { price: 'jane@example.com' }),
      message('Seen', 'm3', {}),
      message('Other', 'm4', {}),
      message('Bought', 'm5', {}),
      message('Bought', 'm6', {}),
    ]);
    await pumpAll(store);
    assert.deepEqual(await counts(), { stored: 3, quarantined: 3 });
    const held = await store.quarantine.list({ code: 'plan-violation' });
    assert.deepEqual(
      held.items.map(({ messageId }) => messageId),
      ['m6', 'm5', 'm2'],
    );
    assert.equal(
      held.items[2]?.reason.detail,
      'properties.price: must be number; correct the item, or the tracking plan shop@1, then release it',
    );
    const violations = await store.quality.violations(SOURCE);
    assert.deepEqual(violations.map(({ event, path, mode, count }) => [event, path, mode, count]).sort(), [
      ['Bought', 'properties.price', 'quarantine', 1],
      ['Bought', 'properties.price', 'quarantine', 2],
      ['Other', '', 'allow', 1],
      ['Seen', 'properties.page', 'warn', 1],
    ]);
    const [most] = violations;
    assert.deepEqual(most?.example, { lane: 0, batchId, index: 5 });
    for await (const { value } of storage.intake.scan(''))
      assert.ok(!Buffer.from(value).includes('jane@example.com'));
    const hours = await store.batches.hours(SOURCE, {
      from: '2000-01-01T00:00:00Z',
      to: '2100-01-01T00:00:00Z',
    });
    assert.deepEqual(
      hours.map(({ items, reasons }) => [items, reasons]),
      [[6, { 'plan-violation': 3 }]],
    );
  });

  it('takes what it held once the plan is mended, each item once', async () => {
    await store.registry.plans.put(PLAN);
    await append(store, [message('Bought', 'm1', { price: '7' })]);
    await pumpAll(store);
    const held = await store.quarantine.list({ status: 'held' });
    await store.registry.plans.put({ ...PLAN, mode: 'warn' });
    const call = { name: 'run|0', at: new Date().toISOString() };
    await store.quarantine.releaseMany(held.items, call);
    await store.quarantine.release(held.items[0]?.id ?? '');
    await pumpAll(store);
    assert.deepEqual(await counts(), { stored: 1, quarantined: 1 });
    assert.equal((await store.batches.counts()).events, 1);
  });

  it('learns what events look like, so that a plan inferred from them holds', async () => {
    await append(store, [message('Bought', 'm1', { price: 1, tags: ['a'] })]);
    await append(store, [message('Bought', 'm2', { price: 1.5 })]);
    await pumpAll(store);
    await append(store, [message('Bought', 'm2', { price: 1.5 })]);
    await pumpAll(store);
    const shapes = await store.quality.shapes(SOURCE);
    assert.deepEqual(
      shapes.map(({ event, events }) => [event, events]),
      [['Bought', 2]],
      'a duplicate is not looked at',
    );
    const plan = await store.registry.plans.put({ ...PLAN, rules: inferRules(shapes) });
    const { judge } = compilePlan(plan);
    const timeline = await store.profiles.timeline('userId:ann');
    assert.equal(timeline?.items.length, 2);
    for (const event of timeline.items) assert.equal(judge(event), undefined);
    assert.notEqual(judge({ ...timeline.items[0]!, properties: {} }), undefined);
  });
});

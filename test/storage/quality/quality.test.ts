import assert from 'node:assert/strict';
import { ShapeDraft } from '../../../domain/quality/shape.ts';
import { createQualityStore } from '../../../storage/quality/quality.ts';
import type { QualityDelta, QualityStore, ViolationCount } from '../../../storage/quality/types.ts';
import { InvalidConfig } from '../../../storage/registry/errors.ts';
import { createRegistry } from '../../../storage/registry/registry.ts';
import { createVault } from '../../../storage/vault/vault.ts';
import { eventOf, planOf } from '../../domain/tracking/events.ts';
import { storageSets } from '../../support/storage-sets.ts';
import { failing } from '../failing.ts';

const tenant = 'acme';
const NOTHING: QualityDelta = { shapes: [], payloads: [], violations: [] };
const at = (n: number): string => `2026-11-0${n}T00:00:00.000Z`;

function violation(path: string, n: number): ViolationCount {
  return {
    ...{ event: 'Order Completed', path, rule: 'type', expected: 'must be number' },
    ...{ plan: 'shop@1', mode: 'warn', count: n, first: at(n), last: at(n) },
    example: { lane: 0, batchId: 'b', index: n },
  };
}

function shape(name: string) {
  const draft = new ShapeDraft(name, 'track');
  draft.add(eventOf({ event: name, properties: { 'ann@example.org': 1 } }));
  return draft.finish();
}

for (const set of storageSets) {
  describe(`quality on ${set.name}`, function () {
    this.timeout(60_000);
    let storage: Awaited<ReturnType<typeof set.open>>;
    let quality: QualityStore;
    beforeEach(async () => {
      storage = await set.open();
      quality = createQualityStore({ tenant, storage, vault: createVault({ tenant, storage }) });
    });
    afterEach(() => storage.close());

    it('adds up what several processes tell, and keeps it sealed', async () => {
      const delta = (n: number) => ({
        shapes: [shape('A')],
        payloads: [shape('A')],
        violations: [violation('price', n)],
      });
      await Promise.all([
        quality.add('web', delta(1)),
        quality.add('web', delta(3)),
        quality.add('web', delta(2)),
      ]);
      await quality.add('web', { ...NOTHING, shapes: [shape('B')], violations: [violation('other', 1)] });
      assert.deepEqual(
        (await quality.shapes('web')).map(({ event, events }) => `${event} ${events}`).sort(),
        ['A 3', 'B 1'],
      );
      assert.deepEqual(
        (await quality.violations('web')).map(({ path, count, first, last }) => [path, count, first, last]),
        [
          ['price', 6, at(1), at(3)],
          ['other', 1, at(1), at(1)],
        ],
      );
      assert.deepEqual(
        (await quality.payloads('web')).map(({ event, events }) => `${event} ${events}`),
        ['A 3'],
      );
      assert.deepEqual(await quality.shapes('pos'), []);
      for await (const { sk, value } of storage.intake.scan('')) {
        assert.ok(!Buffer.from(value).includes('ann@example.org'));
        assert.ok(!sk.includes('Order'));
      }
    });

    it('keeps so many names of events and no more, whatever senders make up', async () => {
      const shapes = Array.from({ length: 520 }, (_, n) => shape(`E${n}`));
      await quality.add('web', { ...NOTHING, shapes: shapes.slice(0, 400) });
      await quality.add('web', { ...NOTHING, shapes });
      const kept = await quality.shapes('web');
      assert.equal(kept.length, 500);
      assert.equal(kept.filter(({ events }) => events === 2).length, 400);
    });

    it('says that it could not, where a call fails', async () => {
      const faulty = failing(storage, 2, 'before');
      const shaky = createQualityStore({
        tenant,
        storage: faulty.storage,
        vault: createVault({ tenant, storage }),
      });
      await assert.rejects(shaky.add('web', { ...NOTHING, shapes: [shape('A')] }));
    });

    it('keeps every version of a tracking plan, one plan a source', async () => {
      const open = () => createRegistry({ tenant, storage, vault: createVault({ tenant, storage }) }).plans;
      const plans = open();
      const { version, ...definition } = planOf({ type: 'object' });
      assert.equal(version, 1, 'what the store gives a first version');
      assert.equal((await plans.put(definition)).version, 1);
      const second = await plans.put({ ...definition, mode: 'quarantine' });
      assert.equal(await plans.of('web'), second);
      assert.equal(await plans.of('pos'), undefined);
      const other = open();
      assert.deepEqual((await other.get('shop@1'))?.mode, 'warn');
      assert.deepEqual((await other.get('shop'))?.mode, 'quarantine');
      assert.equal(await other.get('shop@9'), undefined);
      assert.deepEqual(
        (await other.versions('shop')).map(({ plan }) => plan.version),
        [1, 2],
      );
      await assert.rejects(plans.put({ ...definition, name: 'rival' }), InvalidConfig);
      await assert.rejects(plans.put({ ...planOf({ $ref: 'http://x' }), name: 'x' }), InvalidConfig);
    });
  });
}

import assert from 'node:assert/strict';
import { InvalidConfig } from '../../../storage/registry/errors.ts';
import { createVault } from '../../../storage/vault/vault.ts';
import type { WebhookStore } from '../../../storage/webhooks/types.ts';
import { createWebhookStore } from '../../../storage/webhooks/webhooks.ts';
import { createAlertStore } from '../../../storage/quality/alerts.ts';
import { ConditionFailed } from '../../../storage/errors.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { failing } from '../failing.ts';

const tenant = 'acme';
// Yet to come: DynamoDB deletes by its own clock what has expired.
const now = Date.parse('2100-11-20T10:00:00.000Z');
const nowSeconds = now / 1_000;
const SECRET = 'hush-0123456789';

for (const set of storageSets) {
  describe(`webhooks on ${set.name}`, function () {
    this.timeout(60_000);
    let clock = now;
    let storage: TestStorage;
    before(async () => {
      storage = await set.open({ now: () => clock });
    });
    after(() => storage.close());

    /** As another process would open it. */
    const open = (): WebhookStore =>
      createWebhookStore({ tenant, storage, vault: createVault({ tenant, storage }), now: () => clock });

    async function stored(text: string): Promise<boolean> {
      for (const table of [storage.log, storage.intake])
        for await (const { value, sk } of table.scan(''))
          if (sk.includes(text) || Buffer.from(value).includes(text)) return true;
      return false;
    }

    it('keep a connection sealed, every secret in force, and no more than three', async () => {
      const store = open();
      const first = await store.connect('shop', { vendor: 'shopify', secret: SECRET });
      assert.deepEqual([first.mapping, first.version], ['shopify', 1]);
      for (const n of [2, 3, 4]) await store.rotateSecret('shop', `${SECRET}-${n}`);
      const kept = await open().config('shop');
      assert.deepEqual(
        kept?.secrets.map(({ secret }) => secret),
        [4, 3, 2].map((n) => `${SECRET}-${n}`),
      );
      assert.equal(kept.version, 4);
      const revoked = await store.rotateSecret('shop', `${SECRET}-5`, { revokeOld: true });
      assert.equal(revoked.secrets.length, 1);
      assert.equal(await open().config('other'), undefined);
      assert.equal(await stored(SECRET), false);
    });

    it('take changes of two processes at once, one after the other', async () => {
      const [one, other] = [open(), open()];
      await one.connect('forms', { vendor: 'meta', secret: SECRET, settings: { verifyToken: 'v' } });
      await Promise.all([one.rotateSecret('forms', 'a'), other.rotateSecret('forms', 'b')]);
      const kept = await open().config('forms');
      assert.deepEqual(kept?.secrets.map(({ secret }) => secret).sort(), ['a', 'b', SECRET]);
    });

    it('say which field a vendor lacks, or does not know', async () => {
      const field = (name: string) => (error: unknown) =>
        error instanceof InvalidConfig && error.message.includes(name);
      await assert.rejects(open().connect('x', { vendor: 'shopify' }), field('secret'));
      await assert.rejects(open().connect('x', { vendor: 'ses' }), field('settings.topicArn'));
      await assert.rejects(
        open().connect('x', { vendor: 'zendesk', secret: SECRET, settings: { colour: 'red' } }),
        field('settings'),
      );
      await assert.rejects(open().rotateSecret('nobody', SECRET), field('source'));
      assert.equal(await open().config('x'), undefined);
    });

    it('know deliveries of a source until they are forgotten, however many came at once', async () => {
      const digests = Array.from({ length: 250 }, (_, n) => `digest-${n}`);
      const expiresAt = nowSeconds + 60;
      await open().remember(
        [...digests, 'digest-0'].map((digest) => ({ source: 'shop', digest, expiresAt })),
      );
      for (const n of [0, 100, 249]) assert.equal(await open().wasTaken('shop', `digest-${n}`), true);
      assert.equal(await open().wasTaken('shop', 'digest-250'), false);
      assert.equal(await open().wasTaken('till', 'digest-0'), false);
      clock = now + 61_000;
      assert.equal(await open().wasTaken('shop', 'digest-0'), false);
      clock = now;
    });

    it('add up what several gateways refuse', async () => {
      const counts = (n: number) => new Map([['shop', { replayed: n, 'wrong-signature': 1 }]]);
      await Promise.all([1, 2, 3, 4].map((n) => open().addRefused(counts(n))));
      await open().addRefused(new Map([['till', { stale: 1 }]]));
      assert.deepEqual([...(await open().refused())].sort(), [
        ['shop', { replayed: 10, 'wrong-signature': 4 }],
        ['till', { stale: 1 }],
      ]);
    });

    it('keep what is to be fetched, sealed and once, until it is removed', async () => {
      const lead = (id: string) => ({ source: 'forms', id, facts: { formId: 'jane@example.org' } });
      const all = Array.from({ length: 120 }, (_, n) => lead(`lead-${String(n).padStart(3, '0')}`));
      await open().addFollowUps(all);
      await open().addFollowUps(all.slice(0, 2));
      assert.deepEqual(await open().followUps('forms', 2), all.slice(0, 2));
      assert.equal((await open().followUps('forms', 500)).length, 120);
      assert.deepEqual(await open().followUps('shop', 2), []);
      assert.equal(await stored('jane@example.org'), false);
      await open().removeFollowUps('forms', [...all.map(({ id }) => id), 'lead-000']);
      assert.deepEqual(await open().followUps('forms', 2), []);
    });

    it('add the same again where a call failed', async () => {
      for (const moment of ['before', 'after'] as const) {
        const faulty = failing(storage, 2, moment);
        const shaky = createWebhookStore({
          tenant,
          storage: faulty.storage,
          vault: createVault({ tenant, storage }),
          now: () => clock,
        });
        const expiresAt = nowSeconds + 60;
        const some = Array.from({ length: 150 }, (_, n) => ({
          source: moment,
          digest: `${moment}-${n}`,
          expiresAt,
        }));
        await assert.rejects(shaky.remember(some));
        await shaky.remember(some);
        assert.equal(await open().wasTaken(moment, `${moment}-149`), true);
      }
    });

    it('keep alerts sealed, replaced by whoever read them last alone', async () => {
      const alerts = createAlertStore({ tenant, storage, vault: createVault({ tenant, storage }) });
      assert.deepEqual(await alerts.read('shop'), { open: [], outbox: [], version: 0 });
      await alerts.write('shop', { open: ['silent'], outbox: [] }, 0);
      await assert.rejects(alerts.write('shop', { open: [], outbox: [] }, 0), ConditionFailed);
      const { open: codes, version } = await alerts.read('shop');
      assert.deepEqual([codes, version], [['silent'], 1]);
      assert.equal(await stored('silent'), false);
    });
  });
}

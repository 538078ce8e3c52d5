import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { storageSets } from '../../support/storage-sets.ts';
import { append, pumpAll, SOURCE, tenantOn } from '../tenant.ts';

const message = { type: 'track', messageId: 'm1', event: 'E', userId: 'u' };

describe('a batch that waited for longer than duplicates are looked for', () => {
  for (const set of storageSets) {
    it(`is known once it is stored, on ${set.name}`, async () => {
      const storage = await set.open();
      try {
        const store = await tenantOn(storage);
        const dedupeUntil = Math.floor(Date.now() / 1_000) - 60;
        for (let times = 0; times < 2; times += 1) {
          await append(store, [message], { dedupeUntil });
          await pumpAll(store);
        }
        const { events, sources } = await store.batches.counts();
        assert.equal(events, 1);
        assert.equal(sources[SOURCE]?.duplicates, 1);
      } finally {
        await storage.close();
      }
    });
  }
});

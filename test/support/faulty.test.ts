import assert from 'node:assert/strict';
import { StoreUnavailable } from '../../storage/errors.ts';
import { faulty } from './faulty.ts';
import { storageSets } from './storage-sets.ts';

describe('a storage that is made to fail', () => {
  for (const when of ['before', 'after'] as const) {
    it(`fails the n-th call alone, ${when} its effect`, async () => {
      const inner = await storageSets[0]!.open();
      try {
        const { storage, calls, failed } = faulty(inner, 2, when);
        const key = { pk: 'p', sk: 's' };
        assert.equal(await storage.log.get(key), undefined);
        await assert.rejects(
          storage.log.write([{ kind: 'put', ...key, version: 1, value: Buffer.from('x') }]),
          StoreUnavailable,
        );
        assert.equal((await storage.log.get(key)) !== undefined, when === 'after');
        await storage.blobs.put('a', Buffer.from('x'));
        assert.equal(calls(), 4);
        assert.equal(failed(), 'log.write');
      } finally {
        await inner.close();
      }
    });
  }
});

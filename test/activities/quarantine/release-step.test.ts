import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createQuarantineActivities } from '../../../activities/quarantine/index.ts';
import { storageSets } from '../../support/storage-sets.ts';
import { pumpAll, runActivity, SOURCE, TENANT, tenantOn } from '../tenant.ts';

describe('a step of a release', () => {
  it('sends what can be sent, and counts what is nested too deeply', async () => {
    const [embedded] = storageSets;
    assert.ok(embedded);
    const storage = await embedded.open();
    try {
      const store = await tenantOn(storage);
      const receivedAt = new Date().toISOString();
      const refused = (body: string): string =>
        `{"body":${body},"receivedAt":"${receivedAt}","reject":{"code":"too-deep","detail":""}}`;
      const levels = 20_000;
      const deep = `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
      const good = '{"type":"track","event":"E","userId":"u"}';
      await store.batches.append({ source: SOURCE, lane: 0, mapping: 'segment', items: 2, receivedAt }, [
        refused(deep),
        refused(good),
      ]);
      await pumpAll(store);
      const requestedAt = new Date(Date.now() + 60_000).toISOString();
      await store.releases.putRequest({ runId: 'r1', requestedAt, filter: { source: SOURCE } });
      const activities = createQuarantineActivities({ store, wake: () => Promise.resolve() });
      const did = await runActivity(() => activities.releaseStep({ tenant: TENANT, runId: 'r1', step: 0 }));
      assert.deepEqual(did, { released: 1, gone: 0, tooDeep: 1, done: true });
      await pumpAll(store);
      assert.equal((await store.batches.counts()).events, 1);
      const { items } = await store.quarantine.list({ status: 'held' });
      assert.deepEqual(
        items.map(({ index, reason }) => [index, reason.code]),
        [[0, 'too-deep']],
      );
    } finally {
      await storage.close();
    }
  });
});

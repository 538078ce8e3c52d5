import assert from 'node:assert/strict';
import { thresholdsWith } from '../../../domain/quality/thresholds.ts';
import { eachOnStub, type StubPlatform } from './stub.ts';

describe('tessera source health and thresholds', function () {
  this.timeout(30_000);
  let stub: StubPlatform;

  const run = eachOnStub((given) => {
    ({ stub } = given);
  });

  it('tells how many webhooks were refused and why, and exits with 1 where a source wants looking at', async () => {
    const health = {
      ...{
        source: 'shop',
        status: 'warning',
        lastReceivedAt: '2026-11-20T10:00:00.000Z',
        secondsSinceLast: 1,
      },
      ...{ itemsPerMinute: 1, itemsLastDay: 60, quarantinedShare: 0, duplicateShare: 0, clock: null },
      ...{ volume: { lastHour: 60, usual: null }, fields: [] },
      findings: [{ code: 'field-new', detail: '1 fields are new: Order Completed: $.loyalty' }],
      refusedBy: { replayed: 2, 'wrong-signature': 1 },
    };
    stub.on('GET /v1/sources/shop/health', { body: health });
    const shown = await run('source', 'health', 'shop');
    assert.equal(shown.code, 1);
    assert.match(shown.out, /webhooks refused +2 replayed, 1 wrong-signature/);
    assert.match(shown.out, /field-new: 1 fields are new: Order Completed: \$\.loyalty/);
  });

  it('shows thresholds beside their defaults, and sets them or makes them the default again', async () => {
    const path = '/v1/sources/shop/health/thresholds';
    const body = { source: 'shop', version: 2, thresholds: thresholdsWith({ silentHours: 72 }), set: [] };
    stub.on(`GET ${path}`, { body }).on(`PUT ${path}`, { body });
    assert.match((await run('source', 'thresholds', 'shop')).out, /silentHours +│? *72 +│? *24/);
    await run('source', 'thresholds', 'shop', '--set', 'silentHours=72', '--set', 'itemsMin=default');
    assert.deepEqual(stub.seen[1]?.body, { silentHours: 72, itemsMin: null });
    for (const wrong of ['loudness=1', 'silentHours', 'silentHours=', 'silentHours=long']) {
      const refused = await run('source', 'thresholds', 'shop', '--set', wrong);
      assert.equal(refused.code, 2, wrong);
      assert.match(refused.err, /--set/);
    }
    assert.equal(stub.seen.length, 2);
  });
});

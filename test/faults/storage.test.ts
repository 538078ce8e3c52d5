import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { emulatorEnvironment } from '../end-to-end/emulators.ts';
import { startPlatform, type Platform } from '../support/platform.ts';
import { assertInvariants, summary } from './invariants.ts';
import { startLoad } from './load.ts';
import { track, word } from '../support/segment.ts';
import { eventually } from '../support/wait.ts';
import { startFaultProxy, type FaultProxy, type Rule } from './microburst.ts';
import { SEED } from './seed.ts';

const PHASE_MS = 6_000;

/** What goes wrong in each phase: at the table, and at objects and keys. */
const PHASES: readonly (readonly [string, readonly Rule[], readonly Rule[]])[] = [
  [
    'throttles',
    [{ service: 'dynamodb', probability: 0.4, error: { code: 'ProvisionedThroughputExceededException' } }],
    [{ service: 's3', probability: 0.4, error: { code: 'SlowDown', status: 503 } }],
  ],
  [
    'fails inside',
    [{ service: 'dynamodb', probability: 0.4, error: { code: 'InternalServerError', status: 500 } }],
    [
      { service: 's3', probability: 0.4, error: { code: 'InternalError', status: 500 } },
      { service: 'kms', probability: 0.5, error: { code: 'KMSInternalException', status: 500 } },
    ],
  ],
  [
    'loses connections',
    [{ service: 'dynamodb', probability: 0.3, reset: true }],
    [{ service: 's3', probability: 0.3, reset: true }],
  ],
  [
    'does the work and loses the answer',
    [{ service: 'dynamodb', probability: 0.3, response: { abort_frac: 0 } }],
    [{ service: 's3', probability: 0.3, response: { abort_frac: 0 } }],
  ],
  [
    'is slow',
    [{ service: 'dynamodb', probability: 0.5, latency: { min: 200, max: 1500 } }],
    [{ service: 's3', probability: 0.5, latency: { min: 200, max: 1500 } }],
  ],
];

describe('storage that fails as AWS does', () => {
  let table: FaultProxy;
  let objects: FaultProxy;
  let platform: Platform;
  before(async () => {
    const emulators = await emulatorEnvironment();
    table = await startFaultProxy(emulators['AWS_ENDPOINT_URL_DYNAMODB'] ?? '');
    objects = await startFaultProxy(emulators['AWS_ENDPOINT_URL_S3'] ?? '');
    platform = await startPlatform({
      storage: 'aws',
      env: {
        ...emulators,
        AWS_ENDPOINT_URL_DYNAMODB: table.url,
        AWS_ENDPOINT_URL_S3: objects.url,
        AWS_ENDPOINT_URL_KMS: objects.url,
      },
    });
  });
  after(async () => {
    await platform.stop();
    await table.stop();
    await objects.stop();
  });

  it('changes nothing but the time taken', async () => {
    const load = startLoad(() => platform, { seed: SEED + 40, people: 30, pauseMs: 100 });
    for (const [name, tableRules, objectRules] of PHASES) {
      const before = (await table.fired()) + (await objects.fired());
      await table.setRules(tableRules);
      await objects.setRules(objectRules);
      await delay(PHASE_MS);
      const fired = (await table.fired()) + (await objects.fired()) - before;
      console.log(`      ${name}: ${fired} faults`);
      assert.ok(fired > 0, `nothing went wrong while storage ${name}`);
    }
    await table.setRules([]);
    await objects.setRules([]);
    await load.finish();
    console.log(`      ${summary(load)}`);
    await assertInvariants(platform, load);
  });

  it('keeps what was durable when the gateway was killed before it could answer', async () => {
    const user = word('u');
    const messages = Array.from({ length: 20 }, () => track('Kept', { userId: user }));
    const before = await platform.drained();
    const fired = await table.fired();
    // The write that announces a batch has its effect, and nobody hears of it.
    await table.setRules([
      { service: 'dynamodb', operation: 'TransactWriteItems', response: { abort_frac: 0 } },
    ]);
    const answered = platform.send(messages).then(
      ({ status }) => status,
      () => 'none',
    );
    await eventually('the write to be done', async () => ((await table.fired()) > fired ? true : undefined));
    const pid = platform.kill('gateway');
    assert.equal(await answered, 'none');
    await table.setRules([]);
    await platform.recovered('gateway', pid);
    assert.equal((await platform.send(messages)).status, 200);
    const { sources, events } = await platform.drained();
    const [now, then] = [sources['web']!, before.sources['web']!];
    assert.equal(now.received - then.received, 2 * messages.length, 'it was durable before it was answered');
    assert.equal(now.stored - then.stored, messages.length);
    assert.equal(now.duplicates - then.duplicates, messages.length);
    assert.equal(events - before.events, messages.length);
    assert.equal((await platform.timeline(`userId:${user}`)).length, messages.length);
  });
});

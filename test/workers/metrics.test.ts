import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evidence, GraphNode } from '../../domain/identity/evidence.ts';
import { openStorage } from '../../storage/open.ts';
import { openTenant } from '../../storage/tenant.ts';
import type { OpenTenant } from '../../storage/tenant.ts';
import { createLogger } from '../../workers/log.ts';
import { createMetrics } from '../../workers/metrics.ts';

describe("the worker's metrics", () => {
  let dir = '';
  let store: OpenTenant;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tessera-metrics-'));
    store = await openTenant({ tenant: 'demo', storage: await openStorage({ kind: 'embedded', dir }) });
  });
  afterEach(async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('count what comes on hold once, however often it is told', async () => {
    const node = (type: string, value: string): GraphNode => ({
      fragment: store.log.address({ type, value }),
      type,
    });
    const device = node('deviceId', 'kiosk');
    const evidence = ['u1', 'u2', 'u3', 'u4'].map((value, n): Evidence => {
      const user = node('userId', value);
      const [a, b] = user.fragment < device.fragment ? [user, device] : [device, user];
      const firstSeen = new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();
      return { a, b, rule: 'same-event', firstSeen, source: 'web', messageId: `m${n}` };
    });
    const { registry } = createMetrics(store, createLogger('silent', 'demo'));
    const read = async (): Promise<string[]> =>
      (await registry.getSingleMetricAsString('tessera_identity_holds_total'))
        .split('\n')
        .filter((line) => !line.startsWith('#') && line !== '');
    const holds = (shared: number): string[] => [
      'tessera_identity_holds_total{kind="held"} 0',
      'tessera_identity_holds_total{kind="suggested"} 0',
      `tessera_identity_holds_total{kind="shared-device"} ${shared}`,
      'tessera_identity_holds_total{kind="junk"} 0',
    ];
    await store.directory.resolve({ nodes: [], evidence: evidence.slice(0, 3) }, 'b1');
    assert.deepEqual(await read(), holds(0));
    await store.directory.resolve({ nodes: [], evidence }, 'b2');
    await store.directory.resolve({ nodes: [], evidence }, 'b2');
    assert.deepEqual(await read(), holds(1));
  });
});

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { HealthWatch } from '../../workers/alerts.ts';
import { workerConfig } from '../../workers/config.ts';
import { createLogger } from '../../workers/log.ts';
import { append, pumpAll, SOURCE, tenantOn } from '../activities/tenant.ts';
import { storageSets, type TestStorage } from '../support/storage-sets.ts';

const SECRET = 'a secret of the receiver';

interface Delivery {
  readonly id: string;
  readonly isSigned: boolean;
  readonly body: { readonly type: string; readonly code: string; readonly source: string };
}

describe('alerts about sources', () => {
  let storage: TestStorage;
  let store: TenantStore;
  let server: Server;
  let answers: number[];
  let deliveries: Delivery[];

  beforeEach(async () => {
    const [embedded] = storageSets;
    assert.ok(embedded);
    storage = await embedded.open();
    store = await tenantOn(storage);
    answers = [];
    deliveries = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const header = (name: string): string => String(request.headers[name]);
        const id = header('webhook-id');
        const signed = createHmac('sha256', SECRET).update(`${id}.${header('webhook-timestamp')}.${body}`);
        const isSigned = header('webhook-signature') === `v1,${signed.digest('base64')}`;
        deliveries.push({ id, isSigned, body: JSON.parse(body) as Delivery['body'] });
        response.writeHead(answers.shift() ?? 204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    await storage.close();
  });

  const watch = (nowMs = Date.now()): HealthWatch =>
    new HealthWatch({
      store,
      log: createLogger('silent', 'test'),
      target: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, secret: SECRET },
      now: () => nowMs,
    });

  it('are signed, sent until they are taken, and told once; their end is told too', async () => {
    await watch().look();
    assert.equal(deliveries.length, 0);
    await append(
      store,
      Array.from({ length: 30 }, (_, n) => ({ n })),
    );
    await pumpAll(store);
    answers = [500, 200];
    await watch().look();
    await watch().look();
    await watch().look();
    assert.deepEqual(
      deliveries.map(({ isSigned, body }) => [isSigned, body.type, body.code, body.source]),
      [
        [true, 'source.finding.opened', 'quarantine-share', SOURCE],
        [true, 'source.finding.opened', 'quarantine-share', SOURCE],
      ],
    );
    assert.equal(deliveries[0]?.id, deliveries[1]?.id, 'a second try keeps the id');
    await watch(Date.now() + 3 * 86_400_000).look();
    assert.equal(deliveries[2]?.body.type, 'source.finding.closed');
    assert.equal(deliveries.length, 3);
  });

  it('need a secret', () => {
    const env = { TESSERA_ALERT_URL: 'https://example.com/alerts' };
    assert.throws(() => workerConfig(env), /TESSERA_ALERT_SECRET/);
    assert.equal(workerConfig({ ...env, TESSERA_ALERT_SECRET: SECRET }).alerts?.secret, SECRET);
    assert.throws(() => workerConfig({ TESSERA_ALERT_URL: 'nowhere', TESSERA_ALERT_SECRET: SECRET }), /URL/);
  });
});

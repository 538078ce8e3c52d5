import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { probePort } from '../../infra/local/ports.ts';
import { serveUi, type UiFront } from '../../infra/local/temporal/ui.ts';

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Answers with its name and what it was sent. */
function echo(name: string): Promise<Server> {
  const server = createServer((asked, answer) => {
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.on('end', () => {
      answer.writeHead(asked.method === 'POST' ? 401 : 200, { 'x-name': name, 'set-cookie': ['a=1', 'b=2'] });
      const { method, url, headers } = asked;
      answer.end(
        JSON.stringify({ method, url, cookie: headers.cookie, body: Buffer.concat(chunks).toString() }),
      );
    });
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      resolve(server);
    }),
  );
}

describe("the address that people open Temporal's UI by", () => {
  let ui: Server;
  let gateway: Server;
  let front: UiFront;
  let url: string;
  beforeEach(async () => {
    [ui, gateway] = await Promise.all([echo('ui'), echo('gateway')]);
    const port = (await probePort('127.0.0.1', 0)) ?? 0;
    url = `http://127.0.0.1:${port}`;
    front = await serveUi({ port, uiPort: portOf(ui), gateway: `http://127.0.0.1:${portOf(gateway)}` });
  });
  afterEach(async () => {
    await front.close();
    for (const server of [ui, gateway]) server.close().closeAllConnections();
  });

  it("leads to the UI, but for the codec's calls, which lead to the gateway, with all that was sent", async () => {
    const body = 'x'.repeat(300_000);
    const asked = await fetch(`${url}/v1/temporal/decode?a=b`, {
      method: 'POST',
      body,
      headers: { cookie: 'session=1' },
    });
    assert.equal(asked.status, 401);
    assert.equal(asked.headers.get('x-name'), 'gateway');
    const sent = { method: 'POST', url: '/v1/temporal/decode?a=b', cookie: 'session=1', body };
    assert.deepEqual(await asked.json(), sent);
    for (const path of ['/', '/namespaces/demo/workflows', '/api/v1/settings', '/v1/temporally']) {
      const page = await fetch(url + path);
      assert.equal(page.headers.get('x-name'), 'ui', path);
      assert.deepEqual(page.headers.getSetCookie(), ['a=1', 'b=2']);
      assert.equal(((await page.json()) as { url: string }).url, path);
    }
  });

  it('says so while nobody answers behind it', async () => {
    await new Promise((resolve) => {
      ui.close(resolve).closeAllConnections();
    });
    const answer = await fetch(url);
    assert.equal(answer.status, 502);
    assert.match(await answer.text(), /try again/);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startGateway } from './support.ts';
import type { Running } from './support.ts';

const KIB = 1024;

interface Told {
  readonly status: number;
  readonly head: string;
  readonly body: Record<string, unknown>;
}

describe('requests that reach no route', () => {
  let running: Running;
  before(async () => {
    running = await startGateway();
  });
  after(() => running.stop());

  /** All that is answered on a connection of its own, which must end by it. */
  async function answerTo(send: (socket: Socket) => unknown): Promise<Told> {
    const { hostname, port } = new URL(running.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    send(socket);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    const end = text.indexOf('\r\n\r\n');
    const head = text.slice(0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) \w/.exec(head)?.[1]);
    return { status, head, body: JSON.parse(text.slice(end + 4)) as Told['body'] };
  }

  function assertTold({ status, head, body }: Told, wanted: number, code: string): void {
    assert.equal(status, wanted);
    assert.match(head, /^content-type: application\/problem\+json/im);
    assert.equal(body['type'], `urn:tessera:error:${code}`);
    assert.equal(body['status'], wanted);
    assert.doesNotMatch(JSON.stringify(body), /jane|%zz|%FF/);
  }

  const get = (path: string, headers = ''): string =>
    `GET ${path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n${headers}\r\n`;

  for (const [what, request, status, code] of [
    ['a percent sign that begins no escape', get('/v1/profiles/email:jane%zz@x.ch'), 400, 'malformed-path'],
    ['an escape that is no UTF-8', get('/v1/profiles/email:jane%FF@x.ch'), 400, 'malformed-path'],
    ['a part of the path beyond its limit', get(`/v1/profiles/${'jane'.repeat(KIB)}x`), 414, 'path-too-long'],
    [
      'headers beyond their limit',
      get('/health', `X-Pad: ${'jane'.repeat(5 * KIB)}\r\n`),
      431,
      'headers-too-large',
    ],
    ['what is no HTTP', 'jane@example.com\r\n\r\n', 400, 'malformed-http'],
  ] as const) {
    it(`answers ${what} with a problem that repeats nothing of it`, async () => {
      assertTold(await answerTo((socket) => socket.write(request)), status, code);
    });
  }

  it('tells a sender that is cut off for being slow how fast it must be', async () => {
    const { server } = running.gateway.app;
    const slow = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    server.once('connection', (accepted: Socket) => server.emit('clientError', slow, accepted));
    const told = await answerTo(() => undefined);
    assertTold(told, 408, 'request-too-slow');
    assert.match(String(told.body['detail']), /10 s .* 30 s/);
  });

  it('counts them by what was wrong', async () => {
    await answerTo((socket) => socket.write('x\r\n\r\n'));
    const metrics = await (await fetch(`${running.url}/metrics`)).text();
    assert.match(metrics, /^tessera_refused_requests_total\{code="malformed-http"/m);
  });
});

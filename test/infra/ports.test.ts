import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { StartFailure } from '../../infra/local/failure.ts';
import { PortClaims, type AskedPort } from '../../infra/local/ports.ts';

const LOOPBACK = '127.0.0.1';
/** Where Linux's range of ports for connections' own ends begins, by default. */
const EPHEMERAL_FIRST = 32_768;

const asked = (by: string, port: number): AskedPort => ({ what: 'the gateway', by, host: LOOPBACK, port });

function failure(pattern: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof StartFailure);
    assert.match(error.message, pattern);
    return true;
  };
}

describe('ports of the local stack', () => {
  it('that nobody asked for are none that a connection may take meanwhile', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { port } = await new PortClaims().all({ port: asked('--port', 0) });
      assert.ok(port > 1024 && port < EPHEMERAL_FIRST, String(port));
    }
  });

  it('go to one alone, before anybody listens on them', async () => {
    const free = await new PortClaims().any(LOOPBACK);
    const claims = new PortClaims();
    const { first, second } = await claims.all({
      second: asked('--ui-port', 0),
      first: asked('--port', free),
    });
    assert.equal(first, free);
    assert.notEqual(second, free);
    assert.notEqual(await claims.any(LOOPBACK, free), free);
    const twice = { one: asked('--port', free), other: asked('--ui-port', free) };
    await assert.rejects(
      new PortClaims().all(twice),
      failure(/--ui-port asks for port \d+, and so does --port/),
    );
  });

  it('that are taken are refused by name, or another is found where none was asked for', async () => {
    const holder = createServer().listen(0, LOOPBACK);
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    try {
      const claims = new PortClaims();
      await assert.rejects(claims.all({ port: asked('--port', port) }), failure(new RegExp(`Port ${port}`)));
      assert.notEqual(await claims.any(LOOPBACK, port), port);
    } finally {
      await new Promise((resolve) => holder.close(resolve));
    }
  });
});

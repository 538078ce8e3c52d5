import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { StartFailure } from '../../infra/local/failure.ts';
import { anyPort, claimPort } from '../../infra/local/ports.ts';

const LOOPBACK = '127.0.0.1';
/** Where Linux's range of ports for connections' own ends begins, by default. */
const EPHEMERAL_FIRST = 32_768;

describe('ports of the local stack', () => {
  it('that nobody asked for are none that a connection may take meanwhile', async () => {
    for (let round = 0; round < 20; round += 1) {
      const port = await claimPort('the gateway', '--port', LOOPBACK, 0);
      assert.ok(port > 1024 && port < EPHEMERAL_FIRST, String(port));
    }
  });

  it('that are taken are refused by name, or another is found where none was asked for', async () => {
    const holder = createServer().listen(0, LOOPBACK);
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    try {
      await assert.rejects(claimPort('the gateway', '--port', LOOPBACK, port), (error: unknown) => {
        assert.ok(error instanceof StartFailure);
        assert.match(error.message, new RegExp(`Port ${port}`));
        return true;
      });
      assert.notEqual(await anyPort(LOOPBACK, port), port);
    } finally {
      await new Promise((resolve) => holder.close(resolve));
    }
  });
});

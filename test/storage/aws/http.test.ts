import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, it } from 'mocha';
import { withRetries } from '../../../storage/aws/calls.ts';
import { httpOptions } from '../../../storage/aws/http.ts';
import { StoreUnavailable } from '../../../storage/errors.ts';

const REQUEST_MS = 100;
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n';

describe('a network that swallows what it is given', function () {
  this.timeout(20_000);
  let server: Server;
  let sockets: Socket[];
  let client: S3Client;
  let requests: number;
  let answer: string;

  beforeEach(async () => {
    [sockets, requests, answer] = [[], 0, ''];
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', () => {
        requests += 1;
        if (answer !== '') socket.write(answer);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = new S3Client({
      ...{ region: 'eu-central-1', endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      ...{ forcePathStyle: true, maxAttempts: 1, credentials: { accessKeyId: 'a', secretAccessKey: 's' } },
      requestHandler: httpOptions({ requestMs: REQUEST_MS, maxSockets: 4 }),
    });
  });

  afterEach(async () => {
    client.destroy();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const read = async (): Promise<string | undefined> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    return Body?.transformToString();
  };

  it('is tried again where no answer comes, and said to be away', async () => {
    await assert.rejects(withRetries('S3', 2, read), StoreUnavailable);
    assert.equal(requests, 2);
  });

  it('is given up where an answer stops on its way', async () => {
    answer = HEAD;
    await assert.rejects(withRetries('S3', 2, read), StoreUnavailable);
    assert.equal(requests, 2);
  });
});

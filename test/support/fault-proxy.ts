import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the proxy does with a request instead of passing it on; `lost` and `cut` come after the request had its effect. */
export type Fault =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'lost' }
  | { readonly kind: 'cut' };

/** Stands between a client and a server on the loopback interface. */
export interface FaultProxy {
  readonly url: string;
  /** The faults of the requests to come, in order; then requests pass. */
  inject(...faults: readonly Fault[]): void;
  /** Faults that no request has met yet. */
  pending(): number;
  close(): Promise<void>;
}

/** Starts a proxy to `target` on a free port. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const faults: Fault[] = [];
  const server = createServer((incoming, answer) => {
    relay(target, incoming, answer, faults.shift());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy got no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    inject(...more) {
      faults.push(...more);
    },
    pending: () => faults.length,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function relay(
  target: string,
  incoming: IncomingMessage,
  answer: ServerResponse,
  fault: Fault | undefined,
): void {
  if (fault?.kind === 'answer') {
    incoming.resume().once('end', () => {
      answer.writeHead(fault.status, { 'content-type': 'application/x-amz-json-1.0' }).end(fault.body);
    });
    return;
  }
  const { hostname, port } = new URL(target);
  const options = { hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers };
  const upstream = request(options, (reply) => {
    const parts: Buffer[] = [];
    reply.on('data', (part: Buffer) => parts.push(part));
    reply.once('end', () => {
      const body = Buffer.concat(parts);
      if (fault?.kind === 'lost') {
        answer.destroy();
      } else if (fault?.kind === 'cut') {
        answer.writeHead(reply.statusCode ?? 502, { ...reply.headers, 'content-length': body.length + 10 });
        answer.write(body.subarray(0, body.length >> 1), () => answer.destroy());
      } else {
        answer.writeHead(reply.statusCode ?? 502, reply.headers).end(body);
      }
    });
  });
  upstream.once('error', () => answer.destroy());
  incoming.pipe(upstream);
}

import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';

/** The gateway's calls for Temporal's UI, told to it as its codec. No page or call of the UI's own begins so. */
export const CODEC_PATH = '/v1/temporal';

const LOOPBACK = '127.0.0.1';

/** Temporal's UI as people open it. */
export interface UiFront {
  close(): Promise<void>;
}

/**
 * Serves the UI of Temporal's development server together with the gateway's codec, on one origin: the server can't
 * tell its UI to send a session to another one.
 */
export function serveUi(options: {
  readonly port: number;
  /** Where the UI itself listens, on loopback. */
  readonly uiPort: number;
  readonly gateway: string;
}): Promise<UiFront> {
  const ui = `http://${LOOPBACK}:${options.uiPort}`;
  const server = createServer((asked, answer) => {
    const isCodec = asked.url?.startsWith(`${CODEC_PATH}/`) === true;
    forward(asked, answer, isCodec ? options.gateway : ui);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, LOOPBACK, () => {
      resolve({
        close: () =>
          new Promise((closed) => {
            server.close(() => {
              closed();
            });
            server.closeAllConnections();
          }),
      });
    });
  });
}

function forward(asked: IncomingMessage, answer: ServerResponse, to: string): void {
  const { method = 'GET', url = '/', headers } = asked;
  const passed = request(`${to}${url}`, { method, headers: { ...headers, connection: 'close' } }, (got) => {
    const kept = Object.entries(got.headers).filter(([name]) => name !== 'connection');
    answer.writeHead(got.statusCode ?? 502, Object.fromEntries(kept));
    pipeline(got, answer, () => undefined);
  });
  passed.once('error', () => {
    if (answer.headersSent) answer.destroy();
    else answer.writeHead(502, { 'content-type': 'text/plain' }).end('It does not answer now; try again.\n');
  });
  answer.once('close', () => {
    passed.destroy();
  });
  pipeline(asked, passed, () => undefined);
}

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../client/cli/bin.mjs', import.meta.url));

/** A request that the stub was sent. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** An answer of the stub; 200 where only a body is given. */
export interface Reply {
  readonly status?: number;
  readonly body: unknown;
}

/** A stand-in for the platform's API: answers by `METHOD /path`, a list one after the other, and keeps what it saw. */
export class StubPlatform {
  readonly seen: Seen[] = [];
  readonly #server: Server;
  readonly #replies = new Map<string, Reply[]>();

  constructor() {
    this.#server = createServer((request, response) => {
      readBody(request).then(
        (body) => {
          const { method = '', url = '' } = request;
          this.seen.push({ method, url, authorization: request.headers.authorization, body });
          const replies = this.#replies.get(`${method} ${url.split('?')[0] ?? ''}`);
          const next = replies !== undefined && replies.length > 1 ? replies.shift() : replies?.[0];
          const reply = next ?? { status: 404, body: { title: 'Not found', detail: `no ${url} here` } };
          const isText = typeof reply.body === 'string';
          response.writeHead(reply.status ?? 200, {
            'content-type': isText ? 'text/plain' : 'application/json',
          });
          response.end(isText ? reply.body : JSON.stringify(reply.body));
        },
        () => {
          response.destroy();
        },
      );
    });
  }

  on(call: string, ...replies: Reply[]): this {
    this.#replies.set(call, replies);
    return this;
  }

  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}

/** What a run of the command line left. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `tessera ...` as a process, from a directory that is not the project's. */
export function tessera(args: readonly string[], env: Record<string, string>, cwd: string): Promise<Ran> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(TESSERA_|TEMPORAL_|PORT$|FORCE_COLOR$)/.test(name),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { ...Object.fromEntries(kept), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, out, err });
    });
  });
}

/** What a test of the command line stands on. */
export interface Given {
  readonly stub: StubPlatform;
  readonly url: string;
  /** Empty, and where commands are run. */
  readonly folder: string;
}

/** Gives each test of the suite that calls this a stub platform and a folder of its own; answers how to run commands on them. */
export function eachOnStub(ready: (given: Given) => void): (...args: string[]) => Promise<Ran> {
  let given: Given;
  beforeEach(async () => {
    const stub = new StubPlatform();
    given = { stub, url: await stub.listen(), folder: await mkdtemp(join(tmpdir(), 'tessera-cli-')) };
    ready(given);
  });
  afterEach(async () => {
    await given.stub.close();
    await rm(given.folder, { recursive: true, force: true });
  });
  return (...args) => tessera(args, { TESSERA_URL: given.url, TESSERA_ADMIN_TOKEN: 'secret' }, given.folder);
}

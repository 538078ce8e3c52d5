import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a fake vendor was sent. */
export interface VendorCall {
  readonly method: string;
  readonly url: URL;
  readonly token: string;
  readonly text: string;
}

/** What it answers. */
export interface VendorReply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Sent as it is where it is a text, as JSON otherwise. */
  readonly body: unknown;
}

/**
 * A vendor's API on a port of this machine: tokens that expire, refresh tokens that are rotated, and answers that a test
 * wants instead of the vendor's own.
 */
export abstract class FakeVendor {
  readonly calls: VendorCall[] = [];
  readonly client = { clientId: 'client', clientSecret: 'client-secret' };
  /** The refresh token in force. */
  refreshToken = 'refresh-1';
  /** Rotates refresh tokens, as vendors may. */
  rotates = false;
  /** Access tokens in force. */
  readonly tokens = new Set<string>();
  /** What is answered instead of the next calls of the API, tokens apart. */
  readonly faults: VendorReply[] = [];
  /** Changes every page before it is sent. */
  mangle: (page: Record<string, unknown>) => Record<string, unknown> = (page) => page;
  url = '';
  #server: Server | undefined;
  #issued = 0;

  protected abstract readonly tokenPath: string;
  /** The answer of the vendor for a token that it does not take. */
  protected abstract readonly expired: VendorReply;
  protected abstract readonly refusedGrant: VendorReply;
  protected abstract api(call: VendorCall): VendorReply;

  async listen(): Promise<string> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return this.url;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise<void>((resolve, reject) => {
      this.#server?.close((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  }

  /** Requests of a path that holds this. */
  asked(part: string): VendorCall[] {
    return this.calls.filter(({ url }) => url.pathname.includes(part));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call: VendorCall = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', this.url),
      token: (request.headers.authorization ?? '').replace(/^Bearer /, ''),
      text: Buffer.concat(chunks).toString(),
    };
    this.calls.push(call);
    const { status = 200, headers = {}, body } = this.#answer(call);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  #answer(call: VendorCall): VendorReply {
    if (call.url.pathname === this.tokenPath) return this.#issue(new URLSearchParams(call.text));
    const fault = this.faults.shift();
    if (fault !== undefined) return fault;
    return this.tokens.has(call.token) ? this.api(call) : this.expired;
  }

  #issue(form: URLSearchParams): VendorReply {
    const { clientId, clientSecret } = this.client;
    const isClient = form.get('client_id') === clientId && form.get('client_secret') === clientSecret;
    const isGrant =
      form.get('grant_type') === 'client_credentials' ||
      (form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === this.refreshToken);
    if (!isClient || !isGrant) return this.refusedGrant;
    this.#issued += 1;
    const token = `access-${this.#issued}`;
    this.tokens.add(token);
    if (this.rotates) this.refreshToken = `refresh-${this.#issued + 1}`;
    const rotated = this.rotates ? { refresh_token: this.refreshToken } : {};
    return { body: { access_token: token, token_type: 'Bearer', instance_url: this.url, ...rotated } };
  }
}

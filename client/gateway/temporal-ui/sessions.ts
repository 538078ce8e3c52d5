import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a link that signs in may wait to be opened. */
const LINK_MS = 5 * 60_000;
/** How long a browser stays signed in. */
const SESSION_SECONDS = 12 * 3600;
const CODE_BYTES = 32;
/** Links that wait at a time; the oldest gives way. */
const LINKS_MAX = 100;

/** Where a link leads once it has signed in. */
export interface SignIn {
  readonly code: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

interface Waiting {
  readonly expiresMs: number;
  readonly workflowId: string | undefined;
}

/**
 * Browsers that may read payloads in Temporal's UI. A link signs in once and waits in this process alone; the session is
 * a cookie that holds its end and a seal under the admin token, so that it outlives a restart and ends with the token.
 */
export class UiSessions {
  readonly #secret: string;
  readonly #path: string;
  readonly #isSecure: boolean;
  readonly #now: () => Date;
  readonly #name: string;
  readonly #links = new Map<string, Waiting>();

  constructor(options: {
    readonly adminToken: string;
    /** The only paths that the cookie is sent to. */
    readonly path: string;
    /** Whether browsers reach the UI, and so the gateway, by https. */
    readonly isSecure: boolean;
    readonly now: () => Date;
  }) {
    this.#secret = options.adminToken;
    this.#path = options.path;
    this.#isSecure = options.isSecure;
    this.#now = options.now;
    // Cookies are kept by host and not by port: two platforms on one machine must not share a name.
    this.#name = `tessera_temporal_${this.#seal('name').slice(0, 8)}`;
  }

  /** A code that signs in one browser, once. */
  invite(workflowId?: string): SignIn {
    const code = randomBytes(CODE_BYTES).toString('base64url');
    const expiresMs = this.#now().getTime() + LINK_MS;
    const oldest = this.#links.keys().next();
    if (this.#links.size >= LINKS_MAX && oldest.done !== true) this.#links.delete(oldest.value);
    this.#links.set(code, { expiresMs, workflowId });
    return { code, expiresAt: new Date(expiresMs).toISOString() };
  }

  /** Uses a code up. Undefined where it is unknown, used or too old; else the cookie to set and the workflow to show. */
  redeem(code: string): { readonly cookie: string; readonly workflowId: string | undefined } | undefined {
    const waiting = this.#links.get(code);
    this.#links.delete(code);
    const nowMs = this.#now().getTime();
    if (waiting === undefined || waiting.expiresMs < nowMs) return undefined;
    const ends = String(nowMs + SESSION_SECONDS * 1000);
    const attributes = [
      `${this.#name}=${ends}.${this.#seal(ends)}`,
      `Path=${this.#path}`,
      `Max-Age=${SESSION_SECONDS}`,
      'HttpOnly',
      'SameSite=Strict',
      ...(this.#isSecure ? ['Secure'] : []),
    ];
    return { cookie: attributes.join('; '), workflowId: waiting.workflowId };
  }

  /** Whether a Cookie header holds a session that has not ended. */
  isOpen(cookies: string | undefined): boolean {
    for (const cookie of (cookies ?? '').split(';')) {
      const [name, value = ''] = cookie.trim().split('=', 2);
      if (name !== this.#name) continue;
      const [ends = '', seal = ''] = value.split('.', 2);
      const expected = Buffer.from(this.#seal(ends));
      const given = Buffer.from(seal);
      const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
      if (isOurs && Number(ends) > this.#now().getTime()) return true;
    }
    return false;
  }

  #seal(text: string): string {
    return createHmac('sha256', this.#secret).update(`temporal-ui|${text}`).digest('hex');
  }
}

import { createHmac, randomUUID } from 'node:crypto';
import { ConditionFailed } from '../storage/errors.ts';
import type { Finding } from '../domain/quality/health.ts';
import { createAlertStore, type Alert, type AlertState, type AlertStore } from '../storage/quality/alerts.ts';
import { readHealth } from '../storage/quality/health.ts';
import type { TenantStore } from '../storage/tenant.types.ts';
import type { Logger } from './log.ts';

/** Between looks at all sources, and so between tries of what could not be delivered, in milliseconds. */
const LOOK_MS = 60_000;
const DELIVERY_TIMEOUT_MS = 10_000;
/** Alerts of one source that wait for delivery; the oldest give way. */
const OUTBOX_MAX = 100;

/** Where alerts go: a URL, and the secret that they are signed with. */
export interface AlertTarget {
  readonly url: string;
  readonly secret: string;
}

/** What the watch is made of. */
export interface WatchDeps {
  readonly store: TenantStore;
  readonly log: Logger;
  /** Findings are counted, and nobody told, where absent. */
  readonly target?: AlertTarget;
  /** Told of each source at each look. */
  readonly onFindings?: (source: string, codes: readonly string[]) => void;
  readonly now?: () => number;
}

/**
 * The headers by which a receiver knows that an alert is ours and new, as Standard Webhooks 1.0 defines them: HMAC-SHA256
 * over id, time (epoch seconds) and body.
 */
export function signedHeaders(
  id: string,
  seconds: number,
  body: string,
  secret: string,
): Record<string, string> {
  const signature = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signature}`,
  };
}

/**
 * Looks at the health of every source each minute and tells a webhook what began and what ended. An alert is stored before
 * it is sent and until it is taken, so that it survives a restart of either side; its id stays, so that a receiver
 * can tell a second delivery.
 */
export class HealthWatch {
  readonly #deps: WatchDeps;
  readonly #alerts: AlertStore;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
    this.#alerts = createAlertStore(deps.store);
  }

  start(): void {
    const look = (): void => {
      this.look()
        .catch((error: unknown) => {
          this.#deps.log.warn({ err: error }, 'looking at the health of sources failed; it is tried again');
        })
        .finally(() => {
          if (this.#timer !== undefined) this.#timer = setTimeout(look, LOOK_MS);
        })
        .catch(() => undefined);
    };
    this.#timer = setTimeout(look, LOOK_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One look at all sources. */
  async look(): Promise<void> {
    for (const { name } of await this.#deps.store.registry.sources()) {
      try {
        await this.#lookAt(name);
      } catch (error) {
        // Another worker of the tenant looked at the same moment.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    }
  }

  async #lookAt(source: string): Promise<void> {
    const { store, target, onFindings } = this.#deps;
    const nowMs = (this.#deps.now ?? Date.now)();
    const { findings } = await readHealth(store, source, nowMs);
    const codes = findings.map(({ code }) => code);
    onFindings?.(source, codes);
    if (target === undefined) return;
    const { version, ...before } = await this.#alerts.read(source);
    const opened = findings.filter(({ code }) => !before.open.includes(code));
    const closed = before.open.filter((code) => !codes.some((open) => open === code));
    const at = new Date(nowMs).toISOString();
    let state: AlertState = {
      open: codes,
      outbox: [...before.outbox, ...alerts(source, opened, closed, at)].slice(-OUTBOX_MAX),
    };
    if (opened.length > 0 || closed.length > 0) await this.#alerts.write(source, state, version);
    const written = opened.length > 0 || closed.length > 0 ? version + 1 : version;
    const left = await this.#deliver(target, state.outbox, nowMs);
    if (left.length === state.outbox.length) return;
    state = { ...state, outbox: left };
    await this.#alerts.write(source, state, written);
  }

  /** Sends in order; answers those from the first that was not taken on. */
  async #deliver(target: AlertTarget, outbox: readonly Alert[], nowMs: number): Promise<readonly Alert[]> {
    for (const [position, alert] of outbox.entries()) {
      const body = JSON.stringify({ ...alert, tenant: this.#deps.store.tenant });
      const headers = signedHeaders(alert.id, Math.floor(nowMs / 1_000), body, target.secret);
      const signal = AbortSignal.timeout(DELIVERY_TIMEOUT_MS);
      const status = await fetch(target.url, {
        method: 'POST',
        body,
        headers,
        signal,
        redirect: 'error',
      }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status < 200 || status > 299) {
        this.#deps.log.warn(
          { source: alert.source, code: alert.code, status },
          'an alert was not taken; it is sent again',
        );
        return outbox.slice(position);
      }
    }
    return [];
  }
}

function alerts(source: string, opened: readonly Finding[], closed: readonly string[], at: string): Alert[] {
  return [
    ...opened.map(({ code, detail }): Alert => ({
      ...{ id: randomUUID(), type: 'source.finding.opened', source, code, detail, at },
    })),
    ...closed.map((code): Alert => ({
      ...{ id: randomUUID(), type: 'source.finding.closed', source, code, detail: 'is as usual again', at },
    })),
  ];
}

import type { Vendor } from '../../../domain/ingestion/vendors.ts';
import type { Registry, SourceConfig } from '../../../storage/registry/types.ts';
import type { WebhookConfig, WebhookStore } from '../../../storage/webhooks/types.ts';
import { laneOfText } from '../../../domain/ingestion/lane.ts';
import type { LineStore } from '../collect/line-store.ts';
import { RETRY_AFTER_SECONDS } from '../collect/limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { expand } from '../expand.ts';
import { ProblemError } from '../problem.ts';
import { digestOf, type Deliveries } from './deliveries.ts';
import type { Refusals } from './refusals.ts';
import type { Credentials, Delivery, Incoming, Refusal, Reply, VendorWebhook, WebhookCall } from './types.ts';

/** Bytes of one request, expanded. Firehose is the vendor that sends most; its buffer is set to 1 MiB at most. */
export const WEBHOOK_BYTES_MAX = 4 * 1024 * 1024;

const DEFAULT_REPLY_TYPE = 'application/json; charset=utf-8';

/** What the receiver is made of. */
export interface ReceiverDeps {
  readonly registry: Pick<Registry, 'source'>;
  readonly webhooks: Pick<WebhookStore, 'config' | 'addFollowUps'>;
  readonly vendors: Readonly<Record<Vendor, VendorWebhook>>;
  readonly lines: LineStore;
  readonly deliveries: Deliveries;
  readonly refusals: Refusals;
  readonly metrics: Pick<GatewayMetrics, 'accepted' | 'webhooksRefused'>;
  /** Something is to be fetched from the source's vendor. Must not throw nor block. */
  readonly onFollowUps: (source: string) => void;
}

/** An answer, and what to do once it went out or its connection ended without it. */
export interface Answered extends Reply {
  readonly sent: () => void;
  readonly lost: () => void;
}

interface Connected {
  readonly source: SourceConfig;
  readonly config: WebhookConfig;
  readonly vendor: VendorWebhook;
  readonly credentials: Credentials;
}

/** Takes the webhooks of vendors in: who sends, whether it was sent before, what is in it. */
export class Receiver {
  readonly #deps: ReceiverDeps;

  constructor(deps: ReceiverDeps) {
    this.#deps = deps;
  }

  /** Resolves with the answer once what was brought is durable. Throws `ProblemError`: 401 for what is refused. */
  async receive(name: string, given: WebhookCall): Promise<Answered> {
    const { deliveries } = this.#deps;
    const connected = await this.#find(name);
    const { source, vendor, credentials } = connected;
    const sent = withAddress(given, credentials);
    const body = await expand(sent.body, sent.headers['content-encoding'], WEBHOOK_BYTES_MAX);
    const call = { ...sent, body };
    const verdict = await vendor.verify(call, credentials);
    if (!verdict.ok) throw this.#refuse(source.name, verdict.reason);
    const digest = digestOf(verdict.signed);
    const standing = await deliveries.begin(source.name, digest);
    if (standing === 'taken') throw this.#refuse(source.name, 'replayed');
    if (standing === 'in-flight') throw inFlight();
    try {
      const delivery = await vendor.read(call);
      await this.#store(connected, delivery, new Date(call.nowMs).toISOString());
      return {
        ...(vendor.reply?.(call) ?? accepted(delivery)),
        sent: () => {
          deliveries.done(source.name, digest);
        },
        lost: () => {
          deliveries.gone(source.name, digest);
        },
      };
    } catch (error) {
      deliveries.gone(source.name, digest);
      throw error;
    }
  }

  /** Answers a vendor's test of the address. Throws `ProblemError`: 401 where the test is failed. */
  async challenge(name: string, given: WebhookCall): Promise<Reply> {
    const { source, vendor, credentials } = await this.#find(name);
    if (vendor.challenge === undefined) {
      throw new ProblemError(405, 'no-challenge', 'This vendor tests no address by GET; it sends with POST.');
    }
    const reply = vendor.challenge(given, credentials);
    if (reply === undefined) throw this.#refuse(source.name, 'wrong-signature');
    return reply;
  }

  async #find(name: string): Promise<Connected> {
    const { registry, webhooks, vendors } = this.#deps;
    const [source, config] = await Promise.all([registry.source(name), webhooks.config(name)]);
    if (source === undefined) {
      throw new ProblemError(404, 'no-such-source', 'There is no source of this name.');
    }
    if (config === undefined) {
      throw new ProblemError(
        409,
        'not-connected',
        'This source is connected to no vendor; do so with: tessera source connect.',
      );
    }
    const { secrets, settings } = config;
    return {
      source,
      config,
      vendor: vendors[config.vendor],
      credentials: { secrets: secrets.map(({ secret }) => secret), settings },
    };
  }

  async #store({ source, config }: Connected, delivery: Delivery, receivedAt: string): Promise<void> {
    const { webhooks, lines, metrics, onFollowUps } = this.#deps;
    const { items, followUps = [] } = delivery;
    if (followUps.length > 0) {
      await webhooks.addFollowUps(followUps.map((followUp) => ({ source: source.name, ...followUp })));
    }
    if (items.length > 0) {
      const byLane = linesOf(items, lines.lanesFor(source, items.length), receivedAt);
      await lines.add(source, byLane, { receivedAt, mapping: config.mapping });
      metrics.accepted.inc({ source: source.name }, items.length);
    }
    if (followUps.length > 0) onFollowUps(source.name);
  }

  #refuse(source: string, reason: Refusal): ProblemError {
    this.#deps.refusals.add(source, reason);
    this.#deps.metrics.webhooksRefused.inc({ source, reason });
    return new ProblemError(401, REFUSED[reason].code, REFUSED[reason].detail);
  }
}

const REFUSED: Readonly<Record<Refusal, { readonly code: string; readonly detail: string }>> = {
  'no-signature': {
    code: 'no-signature',
    detail: "The request lacks its vendor's signature; see the guide of this kind of source.",
  },
  'wrong-signature': {
    code: 'wrong-signature',
    detail:
      'The signature is not of this body by the secret of this source; compare the secret, and the URL setting.',
  },
  stale: {
    code: 'stale-signature',
    detail: 'The signature is too old, or this clock or the sender’s is off.',
  },
  replayed: { code: 'replayed', detail: 'This delivery was taken before; nothing of it is stored again.' },
  'wrong-sender': {
    code: 'wrong-sender',
    detail: 'The message is of another organization or topic than the one this source is connected to.',
  },
};

function inFlight(): ProblemError {
  return new ProblemError(409, 'in-flight', 'This very delivery is being stored now; send again if unsure.', {
    retryAfter: RETRY_AFTER_SECONDS,
  });
}

function accepted({ items }: Delivery): Reply {
  return {
    type: DEFAULT_REPLY_TYPE,
    body: `{"success":true,"accepted":${items.length},"quarantined":[]}`,
  };
}

/** A configured address is the one its vendor knows, whatever proxies made of it since. */
function withAddress(call: WebhookCall, { settings }: Credentials): WebhookCall {
  const url = settings['url'];
  return url === undefined ? call : { ...call, url };
}

/** Items as lines, by lane. */
function linesOf(items: readonly Incoming[], lanes: number, receivedAt: string): (string[] | undefined)[] {
  const lines = Array.from<string[] | undefined>({ length: lanes });
  for (const { body, delivery } of items) {
    const text = jsonText(body);
    const beside = delivery === undefined ? '' : `,"delivery":${JSON.stringify(delivery)}`;
    const line = `{"body":${text},"receivedAt":"${receivedAt}"${beside}}`;
    (lines[laneOfText(text, lanes)] ??= []).push(line);
  }
  return lines;
}

function jsonText(body: Incoming['body']): string {
  try {
    return JSON.stringify(body);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ProblemError(400, 'too-deep', 'The body is nested too deeply; flatten it.', { cause: error });
  }
}

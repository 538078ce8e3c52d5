import type { LineStore } from '../collect/line-store.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { GatewayDeps } from '../server.ts';
import { Deliveries } from './deliveries.ts';
import { FollowUpCaller } from './follow-up-caller.ts';
import { Receiver } from './receiver.ts';
import { Refusals } from './refusals.ts';
import { snsOverHttps } from './sns.ts';
import { createVendors } from './vendors/index.ts';

/** The webhooks of a gateway. */
export interface Webhooks {
  readonly receiver: Receiver;
  readonly refusals: Refusals;
  /** Looks from now on for what is still to be fetched. */
  start(): void;
  /** Resolves once what was taken and refused is noted in the store. */
  drain(): Promise<void>;
}

/** Assembles what takes webhooks in. */
export function createWebhooks(
  deps: Pick<GatewayDeps, 'store' | 'runs' | 'log' | 'sns' | 'now'>,
  shared: { readonly lines: LineStore; readonly metrics: GatewayMetrics },
): Webhooks {
  const { store, log } = deps;
  const nowMs = (): number => deps.now?.().getTime() ?? Date.now();
  const deliveries = new Deliveries(store.webhooks, log, nowMs);
  const refusals = new Refusals(store.webhooks, log);
  const caller = new FollowUpCaller({
    ask: (source) => deps.runs.followUp(source),
    webhooks: store.webhooks,
    log,
  });
  const receiver = new Receiver({
    registry: store.registry,
    webhooks: store.webhooks,
    vendors: createVendors(deps.sns ?? snsOverHttps),
    lines: shared.lines,
    deliveries,
    refusals,
    metrics: shared.metrics,
    onFollowUps: (source) => {
      caller.call(source);
    },
  });
  return {
    receiver,
    refusals,
    start: () => {
      caller.start();
    },
    drain: async () => {
      caller.stop();
      await Promise.all([deliveries.drain(), refusals.drain()]);
    },
  };
}

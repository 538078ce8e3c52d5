import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Meter } from '../../storage/ports.ts';

/** The gateway's Prometheus metrics. Labels hold names of sources and routes, never values of a request. */
export interface GatewayMetrics {
  readonly registry: Registry;
  readonly accepted: Counter<'source'>;
  readonly quarantined: Counter<'source' | 'code'>;
  readonly refused: Counter<'code'>;
  readonly webhooksRefused: Counter<'source' | 'reason'>;
  readonly requests: Histogram<'route' | 'status'>;
  readonly batchItems: Histogram;
  readonly batchSeconds: Histogram;
  readonly wakes: Counter<'outcome'>;
}

/** Creates the metrics in a registry of their own; `pendingBytes` and the storage `meter` are read at scrape time. */
export function createMetrics(pendingBytes: () => number, meter: Meter): GatewayMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'tessera_gateway_' });
  const registers = [registry];
  new Gauge({
    name: 'tessera_gateway_pending_bytes',
    help: 'Bytes of items held in memory until they are durable.',
    registers,
    collect() {
      this.set(pendingBytes());
    },
  });
  new Gauge({
    name: 'tessera_store_total',
    help: 'What the storage adapters did since this process started: requests, items, bytes, write units.',
    labelNames: ['counter'],
    registers,
    collect() {
      for (const [counter, total] of Object.entries(meter.read())) this.set({ counter }, total);
    },
  });
  return {
    registry,
    ...counters(registers),
    requests: new Histogram({
      name: 'tessera_http_request_seconds',
      help: 'Time from the head of a request to its answer.',
      labelNames: ['route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
      registers,
    }),
    batchItems: new Histogram({
      name: 'tessera_batch_items',
      help: 'Items of a flushed batch.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000],
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'tessera_batch_flush_seconds',
      help: 'Time to make a batch durable.',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
    wakes: new Counter({
      name: 'tessera_wakes_total',
      help: 'Signals to ingestion workflows that a lane has work.',
      labelNames: ['outcome'],
      registers,
    }),
  };
}

function counters(
  registers: Registry[],
): Pick<GatewayMetrics, 'accepted' | 'quarantined' | 'refused' | 'webhooksRefused'> {
  return {
    accepted: new Counter({
      name: 'tessera_accepted_items_total',
      help: 'Items answered as accepted.',
      labelNames: ['source'],
      registers,
    }),
    quarantined: new Counter({
      name: 'tessera_rejected_items_total',
      help: 'Items that were stored for quarantine at the gateway.',
      labelNames: ['source', 'code'],
      registers,
    }),
    refused: new Counter({
      name: 'tessera_refused_requests_total',
      help: 'Collection requests that were refused whole.',
      labelNames: ['code'],
      registers,
    }),
    webhooksRefused: new Counter({
      name: 'tessera_webhooks_refused_total',
      help: 'Webhook requests that were refused for their signature, their age, their sender, or as replays.',
      labelNames: ['source', 'reason'],
      registers,
    }),
  };
}

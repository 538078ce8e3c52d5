import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { IngestObserver } from '../activities/ingest/types.ts';
import type { TenantStore } from '../storage/tenant.types.ts';
import type { Logger } from './log.ts';

/** The worker's metrics, and the observer that feeds them. Labels are names of sources and codes. */
export interface WorkerMetrics {
  readonly registry: Registry;
  readonly observer: IngestObserver;
  /** Adds what came on hold in a thread of its own, by kind. */
  readonly onHolds: (holds: Readonly<Record<string, number>>) => void;
  /** Notes what wants looking at in a source. */
  readonly findings: (source: string, codes: readonly string[]) => void;
}

/** Adds gauges that are read from the store when somebody scrapes. */
function addStoreGauges(registry: Registry, store: TenantStore): void {
  const registers = [registry];
  new Gauge({
    name: 'tessera_pending_oldest_seconds',
    help: 'Age of the oldest batch that is not yet drained.',
    labelNames: ['source', 'lane'],
    registers,
    async collect() {
      this.reset();
      for (const { source, lane, oldest } of await store.batches.pendingLanes()) {
        const age = (Date.now() - Date.parse(oldest.receivedAt)) / 1_000;
        this.set({ source, lane }, Math.max(0, age));
      }
    },
  });
  new Gauge({
    name: 'tessera_store_total',
    help: 'What the storage adapters did since this process started: requests, items, bytes, write units.',
    labelNames: ['counter'],
    registers,
    collect() {
      for (const [counter, total] of Object.entries(store.storage.meter.read())) this.set({ counter }, total);
    },
  });
}

/** Counts what comes on hold; each waits for a person, so that a steep rise is worth an alert. */
function addHoldCounter(registry: Registry, { directory }: TenantStore): WorkerMetrics['onHolds'] {
  const elsewhere = new Map<string, number>();
  new Counter({
    name: 'tessera_identity_holds_total',
    help: 'Joins beyond the alarm, shared devices and junk that came on hold since this process started.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [kind, total] of Object.entries(directory.holdsSince()))
        this.inc({ kind }, total + (elsewhere.get(kind) ?? 0));
    },
  });
  return (holds) => {
    for (const [kind, by] of Object.entries(holds)) elsewhere.set(kind, (elsewhere.get(kind) ?? 0) + by);
  };
}

/** The gauge of what wants looking at, and how it is told. */
function findingsGauge(registry: Registry): WorkerMetrics['findings'] {
  const open = new Gauge({
    name: 'tessera_source_findings',
    help: 'What wants looking at in a source: 1 for each finding that holds.',
    labelNames: ['source', 'code'] as const,
    registers: [registry],
  });
  const told = new Map<string, readonly string[]>();
  return (source, codes) => {
    for (const code of told.get(source) ?? []) open.remove({ source, code });
    for (const code of codes) open.set({ source, code }, 1);
    told.set(source, codes);
  };
}

/** Creates the metrics in a registry of their own. */
export function createMetrics(store: TenantStore, log: Logger): WorkerMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'tessera_worker_' });
  addStoreGauges(registry, store);
  const onHolds = addHoldCounter(registry, store);
  const items = new Counter({
    name: 'tessera_ingested_items_total',
    help: 'Items that left the intake, by outcome.',
    labelNames: ['source', 'outcome'] as const,
    registers,
  });
  const events = new Counter({
    name: 'tessera_stored_events_total',
    help: 'Canonical events in the log.',
    labelNames: ['source'] as const,
    registers,
  });
  const unitSeconds = new Histogram({
    name: 'tessera_unit_seconds',
    help: 'Time to process one unit of batches.',
    labelNames: ['source'] as const,
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30],
    registers,
  });
  const lagSeconds = new Histogram({
    name: 'tessera_intake_lag_seconds',
    help: 'Age of the oldest batch of a unit when the unit was taken up.',
    labelNames: ['source'] as const,
    buckets: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30, 300],
    registers,
  });
  const waits = new Counter({
    name: 'tessera_store_waits_total',
    help: 'Times that ingestion waited because the store could not answer.',
    labelNames: ['source', 'code'] as const,
    registers,
  });
  const planViolations = new Counter({
    name: 'tessera_plan_violations_total',
    help: 'Ways in which items broke the tracking plan of their source, by what became of them.',
    labelNames: ['source', 'mode'] as const,
    registers,
  });
  const observer: IngestObserver = {
    unit: (source, outcomes, tookMs, waitedMs) => {
      for (const outcome of outcomes) {
        items.inc({ source, outcome: 'stored' }, outcome.stored);
        items.inc({ source, outcome: 'duplicate' }, outcome.duplicates);
        items.inc({ source, outcome: 'quarantined' }, outcome.quarantined);
        events.inc({ source }, outcome.events);
      }
      unitSeconds.observe({ source }, tookMs / 1_000);
      lagSeconds.observe({ source }, waitedMs / 1_000);
    },
    waiting: (source, code) => {
      waits.inc({ source, code });
      log.warn({ source, code }, 'ingestion waits for the store');
    },
    violations: (source, mode, count) => {
      planViolations.inc({ source, mode }, count);
    },
    poison: (source, batchId, index, error) => {
      log.error({ source, batchId, index, err: error }, 'an item fails by itself and is quarantined');
    },
  };
  return { registry, findings: findingsGauge(registry), observer, onHolds };
}

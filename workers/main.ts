import { DefaultLogger, NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { setTimeout as wait } from 'node:timers/promises';
import { pumpThreadStart } from '../activities/ingest/threads/start.ts';
import { PumpThreads } from '../activities/ingest/threads/pump-threads.ts';
import { StorageError, isTransient } from '../storage/errors.ts';
import { openFiles, s3FilesConfigFromEnv } from '../storage/files/open.ts';
import { openStorage } from '../storage/open.ts';
import { openTenant } from '../storage/tenant.ts';
import type { TenantStore } from '../storage/tenant.types.ts';
import { HealthWatch } from './alerts.ts';
import { workflowBundle } from './bundle.ts';
import { dataConverter } from './codec.ts';
import { workerConfig, type WorkerConfig } from './config.ts';
import { serveMetrics } from './http.ts';
import { createLogger, temporalLogger, type Logger } from './log.ts';
import { createMetrics, type WorkerMetrics } from './metrics.ts';
import { resumeResolutions } from './resume.ts';
import { ScheduleKeeper } from './schedules.ts';
import { createSyncMetrics } from './sync-metrics.ts';
import { Sweep } from './sweep.ts';
import { connectionOptions, openTenantClient } from './tenant-client.ts';
import { createWorkers } from './worker.ts';

/** Between tries while Temporal or the store does not answer, in milliseconds. */
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 5_000;
/** What the registry caches is a second old at the most. */
const RULES_SETTLE_MS = 1_500;
/** Ends of fragments kept in memory between appends, some 300 bytes each. */
const CACHED_TIPS = 120_000;
/** Between looks for new batches: an embedded look costs microseconds, one on AWS is a paid request. */
const POLL_MS = { embedded: 25, aws: 200 } as const;

/** Tries until it succeeds, for as long as waiting can mend it. */
async function untilThere<T>(
  log: Logger,
  what: string,
  canWait: (error: unknown) => boolean,
  step: () => Promise<T>,
): Promise<T> {
  for (let pause = RETRY_MIN_MS; ; pause = Math.min(pause * 2, RETRY_MAX_MS)) {
    try {
      return await step();
    } catch (error) {
      if (!canWait(error)) throw error;
      log.warn({ err: error, what }, 'not there yet; waiting');
      await wait(pause);
    }
  }
}

function installRuntime(config: WorkerConfig, log: Logger): void {
  const level = config.logLevel === 'silent' || config.logLevel === 'fatal' ? 'error' : config.logLevel;
  Runtime.install({
    logger: new DefaultLogger('INFO', (entry) => {
      temporalLogger(log).log(entry.level, entry.message, entry.meta);
    }),
    telemetryOptions: {
      logging: { forward: {}, filter: { core: level === 'error' ? 'ERROR' : 'WARN', other: 'ERROR' } },
      metrics: { prometheus: { bindAddress: `127.0.0.1:${config.temporalMetricsPort}` } },
    },
    // Ours to handle, so that everything stops in order.
    shutdownSignals: [],
  });
}

/** Runs the workers until they are told to stop. When one fails, the others are stopped and the error thrown. */
async function runAll(workers: readonly Worker[], onStop: (stop: () => void) => void): Promise<void> {
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  onStop(stop);
  const results = await Promise.allSettled(
    workers.map(async (worker) => {
      try {
        await worker.run();
      } finally {
        stop();
      }
    }),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** The threads that pump; what they count is counted as this process's. */
async function pumpThreads(
  { tenant, storage, pumpThreads: threads }: WorkerConfig,
  store: TenantStore,
  { observer, onHolds }: Pick<WorkerMetrics, 'observer' | 'onHolds'>,
): Promise<PumpThreads> {
  return new PumpThreads({
    threads,
    start: await pumpThreadStart(),
    input: { tenant, storage, cachedTips: CACHED_TIPS, pollMs: POLL_MS[storage.kind] },
    observer,
    onCounted: (meter, holds) => {
      for (const [counter, by] of Object.entries(meter)) store.storage.meter.add(counter, by);
      onHolds(holds);
    },
  });
}

async function serve(
  config: WorkerConfig,
  log: Logger,
  store: TenantStore,
  isStopping: () => boolean,
  onStop: (stop: () => void) => void,
): Promise<void> {
  const state = { ready: false };
  const { registry, observer, findings, onHolds } = createMetrics(store, log);
  const server = await serveMetrics(config.metricsPort, registry, () => state.ready);
  const converter = dataConverter(config.tenant, store.vault);
  const client = openTenantClient(config.tenant, config.temporal, converter);
  const bundle = await workflowBundle(temporalLogger(log));
  const ingest = { store, observer, pollMs: POLL_MS[config.storage.kind] };
  const pumps = await pumpThreads(config, store, { observer, onHolds });
  const wake = (source: string, lane: number): Promise<void> => client.wake(source, lane);
  const anyError = (): boolean => !isStopping();
  const connection = await untilThere(log, 'Temporal', anyError, () =>
    NativeConnection.connect(connectionOptions(config.temporal)),
  );
  const files = openFiles(s3FilesConfigFromEnv(process.env));
  const parts = {
    connection,
    namespace: config.temporal.namespace,
    bundle,
    dataConverter: converter,
    ingest,
    pump: pumps.pump,
    imports: { store, files, wake },
    syncs: { store, wake, observer: createSyncMetrics(registry) },
    resolutions: { store, followers: [] },
    linkage: { store, storage: config.storage },
    replays: { store, settleMs: RULES_SETTLE_MS },
  };
  const workers = await untilThere(log, `namespace ${config.temporal.namespace}`, anyError, () =>
    createWorkers(parts),
  );
  const start = (id: string): Promise<void> => client.resolve(id);
  await untilThere(log, 'what was decided and not carried out', anyError, () =>
    resumeResolutions({ resolutions: store.resolutions, start, log }),
  );
  const sweep = new Sweep(store.batches, wake, log);
  sweep.start();
  const keeper = new ScheduleKeeper(store.schedules, client.schedules, log);
  keeper.start();
  const target = config.alerts === undefined ? {} : { target: config.alerts };
  const watch = new HealthWatch({ store, log, onFindings: findings, ...target });
  watch.start();
  state.ready = true;
  log.info({ metricsPort: config.metricsPort }, 'worker polls');
  try {
    await runAll(workers, onStop);
  } finally {
    state.ready = false;
    sweep.stop();
    keeper.stop();
    watch.stop();
    server.close();
    await pumps.close();
    files.close();
    await client.close();
    await connection.close();
  }
}

async function main(): Promise<void> {
  const config = workerConfig(process.env);
  const log = createLogger(config.logLevel, config.tenant);
  let stopWorkers: (() => void) | undefined;
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'worker stops');
      stopping = true;
      // Nothing is under way before the workers run, so there is nothing to finish.
      if (stopWorkers === undefined) process.exit(0);
      stopWorkers();
    });
  }
  installRuntime(config, log);
  const store = await untilThere(log, 'the store', isTransient, async () =>
    openTenant({
      tenant: config.tenant,
      storage: await openStorage(config.storage),
      cachedTips: CACHED_TIPS,
    }),
  );
  await serve(
    config,
    log,
    store,
    () => stopping,
    (stop) => {
      stopWorkers = stop;
      if (stopping) stop();
    },
  );
  await store.close();
  log.info('worker stopped');
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
    const said =
      error instanceof StorageError
        ? error.message
        : code === 'EADDRINUSE'
          ? 'the metrics port is in use; set TESSERA_WORKER_METRICS_PORT to a free one'
          : undefined;
    process.stderr.write(
      said === undefined
        ? `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`
        : `worker: ${said}\n`,
    );
    process.exit(1);
  },
);

import { setFlagsFromString } from 'node:v8';
import { StorageError } from '../../storage/errors.ts';
import { openStorage, storageConfigFromEnv } from '../../storage/open.ts';
import { openTenant } from '../../storage/tenant.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { openTemporal, temporalConfig } from '../temporal.ts';
import type { TemporalClient } from '../temporal.ts';
import { ConfigError, gatewayConfig } from './config.ts';
import type { GatewayConfig } from './config.ts';
import { createLogger } from './log.ts';
import type { Logger } from './log.ts';
import { provision } from './provision.ts';
import { createRuns } from './runs.ts';
import { createGateway } from './server.ts';
import type { Gateway } from './server.ts';

/** A stop that takes longer than this is cut off; nothing acknowledged is at stake then, only answers. */
const STOP_MS = 15_000;
/**
 * By how many percent the old generation may grow between two markings. V8 by itself allows some 10 here, as little of what the
 * gateway makes lives long, and marks it several times a second under load, for a fifth of its CPU.
 */
const OLD_GROWTH_PERCENT = 60;

interface Running {
  readonly gateway: Gateway;
  readonly store: TenantStore;
  readonly temporal: TemporalClient;
}

async function start(config: GatewayConfig, log: Logger): Promise<Running> {
  const storage = await openStorage(storageConfigFromEnv(process.env));
  const store = await openTenant({ tenant: config.tenant, storage });
  const tokens = await provision({ ...config, registry: store.registry });
  const cluster = temporalConfig(process.env, config.tenant);
  const temporal = openTemporal(cluster, store);
  const gateway = await createGateway({
    store,
    runs: createRuns(config.tenant, temporal.client),
    log,
    adminToken: tokens.adminToken,
    temporal: { namespace: cluster.namespace, ui: config.temporalUi },
    trustedProxies: config.trustedProxies,
  });
  await gateway.app.listen({ host: config.host, port: config.port });
  gateway.waker.start();
  gateway.webhooks.start();
  return { gateway, store, temporal };
}

async function stop({ gateway, store, temporal }: Running): Promise<void> {
  await gateway.close();
  await temporal.close();
  await store.close();
}

function stopOnSignal(running: Running, log: Logger): void {
  let isStopping = false;
  const onSignal = (signal: string): void => {
    if (isStopping) return;
    isStopping = true;
    log.info({ signal }, 'gateway stops');
    setTimeout(() => {
      log.error('gateway did not stop in time');
      process.exit(1);
    }, STOP_MS).unref();
    stop(running).then(
      () => {
        log.info('gateway stopped');
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, 'gateway did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** One sentence for the person who started the process; undefined where only a stack trace would help. */
function sentence(error: unknown, config: GatewayConfig | undefined): string | undefined {
  if (error instanceof ConfigError || error instanceof StorageError) return error.message;
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  const at = config === undefined ? '' : `${config.host}:${config.port}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${at} is in use; stop the other program or set PORT to another port.`;
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${at}; set TESSERA_HOST to one of its own.`;
    case 'EACCES':
    case 'EPERM':
      return `Access was refused to ${config?.dataDir ?? 'the data folder'} or to ${at}; check their owner and rights.`;
    case 'ENOSPC':
      return `The disk of ${config?.dataDir ?? 'the data folder'} is full; make room and start again.`;
    default:
      return undefined;
  }
}

async function main(): Promise<void> {
  // Read at each marking; a V8 without this flag says so and goes on.
  setFlagsFromString(`--heap-growing-percent=${OLD_GROWTH_PERCENT}`);
  let config: GatewayConfig | undefined;
  try {
    config = gatewayConfig(process.env);
    const log = createLogger(config.logLevel, config.tenant);
    const running = await start(config, log);
    stopOnSignal(running, log);
    log.info({ host: config.host, port: config.port }, 'gateway listens');
  } catch (error) {
    const message = sentence(error, config);
    if (message === undefined) throw error;
    process.stderr.write(`gateway: ${message}\n`);
    process.exit(1);
  }
}

await main();

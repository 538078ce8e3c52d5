import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processCode } from './code.ts';
import type { Reporter } from './console.ts';
import { parsePort, type StartOptions } from './options.ts';
import { anyPort, claimPort } from './ports.ts';
import type { StackPlan } from './stack.ts';
import { clusterAccess } from './temporal/cluster.ts';
import { fetchTemporal } from './temporal/fetch.ts';
import { findTemporal } from './temporal/find.ts';

const LOOPBACK = '127.0.0.1';
const WORKER_METRICS_PORT = 8081;
const TEMPORAL_METRICS_PORT = 8082;

/** Programs fetched once serve every data folder of this checkout. */
const CHECKOUT_CACHE = fileURLToPath(new URL('../../.cache/temporal', import.meta.url));

async function temporalProgram(
  options: StartOptions,
  env: NodeJS.ProcessEnv,
  report: Reporter,
): Promise<string> {
  const ownCache = join(options.data, '.cache');
  const found = await findTemporal(env, [CHECKOUT_CACHE, ownCache]);
  if (found !== undefined) return found;
  report.step('no Temporal server on this machine: fetching one (about 45 MB)');
  return fetchTemporal(ownCache);
}

/** The port that was asked for, and must then be free; else the usual one, or any. */
function metricsPort(env: NodeJS.ProcessEnv, variable: string, usual: number): Promise<number> {
  const asked = env[variable];
  if (asked === undefined || asked === '') return anyPort(LOOPBACK, usual);
  return claimPort("the worker's metrics", variable, LOOPBACK, parsePort(variable, asked));
}

/** Ports that are free, the code of our processes, the Temporal program, the way into the cluster. Throws `StartFailure`. */
export async function planStack(
  asked: StartOptions,
  env: NodeJS.ProcessEnv,
  report: Reporter,
): Promise<StackPlan> {
  const port = await claimPort('the gateway', '--port', asked.host, asked.port);
  const workerMetricsPort = await metricsPort(env, 'TESSERA_WORKER_METRICS_PORT', WORKER_METRICS_PORT);
  const temporalMetricsPort = await metricsPort(env, 'TESSERA_TEMPORAL_METRICS_PORT', TEMPORAL_METRICS_PORT);
  const code = await processCode({ gateway: 'client/gateway/main.ts', worker: 'workers/main.ts' });
  const fixed = { workerMetricsPort, temporalMetricsPort, env, code };
  if (asked.temporalAddress !== undefined) {
    const cluster = await clusterAccess(env, asked.temporalAddress, asked.namespace);
    return { ...fixed, options: { ...asked, port }, cluster };
  }
  const temporalPort = await claimPort('Temporal', '--temporal-port', LOOPBACK, asked.temporalPort);
  const uiPort = await claimPort("Temporal's UI", '--ui-port', LOOPBACK, asked.uiPort);
  const options = { ...asked, port, temporalPort, uiPort };
  const ownUiPort = await anyPort(LOOPBACK, 0);
  const program = await temporalProgram(options, env, report);
  const cluster = await clusterAccess({}, `${LOOPBACK}:${temporalPort}`, asked.namespace);
  return { ...fixed, options, cluster, temporal: { program, uiPort: ownUiPort } };
}

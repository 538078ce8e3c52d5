import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processCode } from './code.ts';
import type { Reporter } from './console.ts';
import { parsePort, setIn, type StartOptions } from './options.ts';
import { PortClaims, type AskedPort } from './ports.ts';
import type { StackPlan } from './stack.ts';
import { clusterAccess } from './temporal/cluster.ts';
import { fetchTemporal } from './temporal/fetch.ts';
import { findTemporal } from './temporal/find.ts';

const LOOPBACK = '127.0.0.1';
const WORKER_METRICS_PORT = 8081;
const TEMPORAL_METRICS_PORT = 8082;
const WORKER_METRICS = 'TESSERA_WORKER_METRICS_PORT';
const TEMPORAL_METRICS = 'TESSERA_TEMPORAL_METRICS_PORT';

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

/** The worker's ports for metrics, where the environment names them. */
function namedMetricsPorts(env: NodeJS.ProcessEnv): Record<string, AskedPort> {
  const named: Record<string, AskedPort> = {};
  for (const by of [WORKER_METRICS, TEMPORAL_METRICS]) {
    const asked = setIn(env, by);
    if (asked !== undefined)
      named[by] = { what: "the worker's metrics", by, host: LOOPBACK, port: parsePort(by, asked) };
  }
  return named;
}

/** Our own Temporal is spoken to in clear: what a shell has for another cluster would have our processes call it otherwise. */
function withoutClusterSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ofCluster = /^TEMPORAL_(API_KEY|TLS)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ofCluster.test(name)));
}

/** Ports that are free, the code of our processes, the Temporal program, the way into the cluster. Throws `StartFailure`. */
export async function planStack(
  asked: StartOptions,
  env: NodeJS.ProcessEnv,
  report: Reporter,
): Promise<StackPlan> {
  const claims = new PortClaims();
  const ownTemporal = asked.temporalAddress === undefined;
  const claimed = await claims.all<string>({
    ...{ port: { what: 'the gateway', by: '--port', host: asked.host, port: asked.port } },
    ...(ownTemporal
      ? {
          temporalPort: { what: 'Temporal', by: '--temporal-port', host: LOOPBACK, port: asked.temporalPort },
          uiPort: { what: "Temporal's UI", by: '--ui-port', host: LOOPBACK, port: asked.uiPort },
        }
      : {}),
    ...namedMetricsPorts(env),
  });
  const workerMetricsPort = claimed[WORKER_METRICS] ?? (await claims.any(LOOPBACK, WORKER_METRICS_PORT));
  const temporalMetricsPort =
    claimed[TEMPORAL_METRICS] ?? (await claims.any(LOOPBACK, TEMPORAL_METRICS_PORT));
  const { port = asked.port, temporalPort = asked.temporalPort, uiPort = asked.uiPort } = claimed;
  const options = { ...asked, port, temporalPort, uiPort };
  const code = await processCode({ gateway: 'client/gateway/main.ts', worker: 'workers/main.ts' });
  const fixed = { workerMetricsPort, temporalMetricsPort, code, options };
  if (asked.temporalAddress !== undefined) {
    const cluster = await clusterAccess(env, asked.temporalAddress, asked.namespace);
    return { ...fixed, env, cluster };
  }
  const ownUiPort = await claims.any(LOOPBACK);
  const program = await temporalProgram(options, env, report);
  const cluster = await clusterAccess({}, `${LOOPBACK}:${temporalPort}`, asked.namespace);
  return { ...fixed, env: withoutClusterSecrets(env), cluster, temporal: { program, uiPort: ownUiPort } };
}

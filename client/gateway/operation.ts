import type { FastifyInstance } from 'fastify';
import type { TenantStore } from '../../storage/tenant.types.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { Runs } from './runs.ts';

/** How long Temporal's answer to the last check serves, so that probes do not load it. */
const TEMPORAL_CHECK_MS = 5_000;

/** What operators and supervisors ask: alive, ready, measured. No token: there is nothing of anybody in it. */
export function operationRoutes(
  app: FastifyInstance,
  deps: { readonly store: TenantStore; readonly runs: Runs; readonly metrics: GatewayMetrics },
): void {
  const { store, runs, metrics } = deps;
  const temporal = checked(() => runs.check());
  app.get('/', (_request, reply) => reply.redirect('/docs', 302));
  app.get('/health', (_request, reply) =>
    reply.header('content-type', 'application/json; charset=utf-8').send('{"status":"ok"}'),
  );
  app.get('/ready', async (_request, reply) => {
    // Collection needs the store alone, so that Temporal is told of but does not decide.
    const [storage, sources] = await store.registry.sources().then(
      (found) => ['ok', found.length] as const,
      () => ['unavailable', 0] as const,
    );
    const isReady = storage === 'ok' && sources > 0;
    return reply
      .code(isReady ? 200 : 503)
      .send({ status: isReady ? 'ready' : 'not-ready', storage, sources, temporal: temporal() });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}

/** The outcome of the last check; a stale one is checked again behind the answer. */
function checked(check: () => Promise<void>): () => 'ok' | 'unavailable' | 'unknown' {
  let state: 'ok' | 'unavailable' | 'unknown' = 'unknown';
  let checkedAt = -Infinity;
  return () => {
    if (performance.now() - checkedAt >= TEMPORAL_CHECK_MS) {
      checkedAt = performance.now();
      check().then(
        () => (state = 'ok'),
        () => (state = 'unavailable'),
      );
    }
    return state;
  };
}

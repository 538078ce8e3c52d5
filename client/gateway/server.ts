import { randomInt } from 'node:crypto';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { OpenAPIV3 } from 'openapi-types';
import { LANES_MAX } from '../../storage/registry/registry.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { createPayloadCodec } from '../../storage/vault/payload-codec.ts';
import type { RefusedCounts } from '../../storage/webhooks/types.ts';
import { healthRoutes } from './api/health.ts';
import { Idempotency } from './api/idempotency.ts';
import { decisionRoutes } from './api/decisions.ts';
import { holdRoutes } from './api/holds.ts';
import { identityRulesRoutes } from './api/identity-rules.ts';
import { folderImportRoutes } from './api/folder-imports.ts';
import { importRoutes } from './api/imports.ts';
import { createReplays } from './api/rule-replays.ts';
import { simulationRoutes } from './api/simulations.ts';
import { linkRunRoutes } from './api/link-runs.ts';
import { mappingRoutes } from './api/mappings.ts';
import { normalizationRoutes } from './api/normalization.ts';
import { matchRoutes } from './api/match.ts';
import { openApi } from './api/openapi.ts';
import { profileRoutes } from './api/profiles.ts';
import { quarantineRoutes } from './api/quarantine.ts';
import { apiRoutes } from './api/register.ts';
import { reviewRoutes } from './api/reviews.ts';
import { scheduleRoutes } from './api/schedules.ts';
import { sourceRoutes } from './api/sources.ts';
import { syncRoutes } from './api/syncs.ts';
import { replayRoutes } from './api/replays.ts';
import { statusRoutes } from './api/status.ts';
import { temporalSignInRoutes } from './api/temporal-sign-ins.ts';
import { trackingPlanRoutes } from './api/tracking-plans.ts';
import { traitPolicyRoutes } from './api/trait-policies.ts';
import { Batcher } from './batcher.ts';
import { bearerCheck } from './bearer.ts';
import { Collector } from './collect/collector.ts';
import { LineStore } from './collect/line-store.ts';
import { Admission } from './collect/admission.ts';
import { collectRoutes } from './collect/routes.ts';
import { earlyAnswers } from './early-answers.ts';
import { handleErrors, routeOf } from './errors.ts';
import type { Logger } from './log.ts';
import { createMetrics } from './metrics.ts';
import type { GatewayMetrics } from './metrics.ts';
import { operationRoutes } from './operation.ts';
import type { Runs } from './runs.ts';
import { TEMPORAL_PATH, temporalUiRoutes } from './temporal-ui/routes.ts';
import { UiSessions } from './temporal-ui/sessions.ts';
import { Waker } from './wake.ts';
import { webhookRoutes } from './webhooks/routes.ts';
import type { SnsCalls } from './webhooks/sns.ts';
import { createWebhooks, type Webhooks } from './webhooks/webhooks.ts';
import { WriteKeys } from './write-keys.ts';

/** Longer than the idle time of the load balancers in common use, so that they close first. */
const KEEP_ALIVE_MS = 72_000;
/** How often connections that fell idle are closed while the server stops. */
const CLOSE_IDLE_MS = 20;

/** Where Temporal keeps the tenant's workflows, and where people look at them. */
export interface TemporalPlace {
  /** The tenant's name where silent. */
  readonly namespace?: string;
  /** Address of Temporal's UI, without a slash at the end. */
  readonly ui?: string | undefined;
}

/** What a gateway is made of. */
export interface GatewayDeps {
  readonly store: TenantStore;
  readonly runs: Runs;
  readonly log: Logger;
  readonly adminToken: string;
  readonly pendingCharsMax?: number;
  readonly now?: () => Date;
  readonly temporal?: TemporalPlace;
  /** The lane that small requests go to, of those a source has; any one where silent. */
  readonly homeLane?: number;
  /** How Amazon SNS is called back; over the network where silent. */
  readonly sns?: SnsCalls;
  /** Addresses and CIDR ranges of proxies that say for whom they forward; none where silent. */
  readonly trustedProxies?: readonly string[];
}

/** A gateway: its HTTP server and what stands behind it. */
export interface Gateway {
  readonly app: FastifyInstance;
  readonly batcher: Batcher;
  readonly waker: Waker;
  readonly webhooks: Webhooks;
  /** Stops accepting, answers what is in flight, makes everything durable. */
  close(): Promise<void>;
}

/** Assembles the gateway; `app.listen` starts it. */
export async function createGateway(deps: GatewayDeps): Promise<Gateway> {
  const { store, runs, log } = deps;
  const metrics = createMetrics(() => batcher.pending, store.storage.meter);
  const waker = new Waker({
    signal: (source, lane) => runs.wake(source, lane),
    batches: store.batches,
    log,
    onOutcome: (outcome) => {
      metrics.wakes.inc({ outcome });
    },
  });
  const wake = (source: string, lane: number): void => {
    waker.wake(source, lane);
  };
  const batcher = new Batcher({
    batches: store.batches,
    wake,
    onFlush: (header, seconds) => {
      metrics.batchItems.observe(header.items);
      metrics.batchSeconds.observe(seconds);
      log.debug({ source: header.source, batch: header.batchId, items: header.items }, 'batch is durable');
    },
    ...(deps.pendingCharsMax === undefined ? {} : { pendingCharsMax: deps.pendingCharsMax }),
  });
  const keys = new WriteKeys(store.registry);
  const lines = new LineStore(batcher, deps.homeLane ?? randomInt(LANES_MAX));
  const collector = new Collector({
    keys,
    lines,
    metrics,
    ...(deps.now === undefined ? {} : { now: deps.now }),
  });
  const app = createServer(deps, metrics);
  const admission = new Admission(() => batcher.full);
  const webhooks = createWebhooks(deps, { lines, metrics });
  await app.register((scope, _options, done) => {
    collectRoutes(scope, { collector, admission });
    done();
  });
  await app.register((scope, _options, done) => {
    webhookRoutes(scope, {
      receiver: webhooks.receiver,
      admission,
      now: deps.now ?? ((): Date => new Date()),
    });
    done();
  });
  const sessions = await registerTemporalUi(app, deps);
  await registerApi(app, deps, {
    wake,
    sessions,
    refused: () => webhooks.refusals.counts(),
    onKeysChanged: () => {
      keys.forget();
    },
  });
  await app.register((scope, _options, done) => {
    operationRoutes(scope, { store, runs, metrics });
    done();
  });
  const close = async (): Promise<void> => {
    waker.stop();
    await closeServer(app);
    await batcher.drain();
    await webhooks.drain();
  };
  return { app, batcher, waker, webhooks, close };
}

async function closeServer(app: FastifyInstance): Promise<void> {
  // A connection whose last answer goes out after the close began would keep the server open for its idle time.
  const idle = setInterval(() => {
    app.server.closeIdleConnections();
  }, CLOSE_IDLE_MS);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
  }
}

function createServer({ log, trustedProxies = [] }: GatewayDeps, metrics: GatewayMetrics): FastifyInstance {
  const onRefused = (code: string): void => {
    metrics.refused.inc({ code });
  };
  const app = Fastify({
    ...earlyAnswers(onRefused),
    // One line a request would be the most expensive part of accepting it; metrics count instead.
    logger: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
  });
  handleErrors(app, { log, onRefused });
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('x-content-type-options', 'nosniff');
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    metrics.requests.observe({ route: routeOf(request), status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
  return app;
}

async function registerTemporalUi(app: FastifyInstance, deps: GatewayDeps): Promise<UiSessions> {
  const { store, adminToken, now = (): Date => new Date() } = deps;
  const { namespace = store.tenant, ui } = deps.temporal ?? {};
  const isSecure = ui?.startsWith('https:') === true;
  const sessions = new UiSessions({ adminToken, path: TEMPORAL_PATH, isSecure, now });
  await app.register((scope, _options, done) => {
    const codec = createPayloadCodec(store);
    temporalUiRoutes(scope, { codec, sessions, isBearer: bearerCheck(adminToken), namespace, ui });
    done();
  });
  return sessions;
}

async function registerApi(
  app: FastifyInstance,
  deps: GatewayDeps,
  told: {
    readonly wake: (source: string, lane: number) => void;
    readonly sessions: UiSessions;
    readonly onKeysChanged: () => void;
    readonly refused: () => Promise<ReadonlyMap<string, RefusedCounts>>;
  },
): Promise<void> {
  const { store, runs } = deps;
  const replays = createReplays(store, runs);
  const routes = [
    ...decisionRoutes(store, runs),
    ...profileRoutes(store),
    ...sourceRoutes(store, runs, told.onKeysChanged),
    ...mappingRoutes(store),
    ...trackingPlanRoutes(store),
    ...replayRoutes(store, runs),
    ...healthRoutes(store, told.refused),
    ...traitPolicyRoutes(store),
    ...normalizationRoutes(store),
    ...importRoutes(store, runs),
    ...folderImportRoutes(store, runs),
    ...scheduleRoutes(store, runs),
    ...syncRoutes(store, runs),
    ...quarantineRoutes({ store, runs, wake: told.wake }),
    ...linkRunRoutes(store, runs),
    ...reviewRoutes(store),
    ...holdRoutes(store, runs),
    ...matchRoutes(store),
    ...identityRulesRoutes(store, replays),
    ...simulationRoutes(store, replays),
    ...statusRoutes(store, told.refused),
    ...temporalSignInRoutes(told.sessions, deps.temporal?.ui),
  ];
  const document = openApi(routes);
  await app.register((scope, _options, done) => {
    apiRoutes(scope, { routes, adminToken: deps.adminToken, idempotency: new Idempotency(store) });
    done();
  });
  await app.register(async (scope) => {
    // Swagger's types know OpenAPI 3.0 alone; its page reads 3.1 as well.
    scope.get('/openapi.json', (_request, reply) => reply.send(document));
    await scope.register(fastifySwagger, {
      mode: 'static',
      specification: { document: document as unknown as OpenAPIV3.Document },
    });
    await scope.register(fastifySwaggerUi, {
      routePrefix: '/docs',
      staticCSP: true,
      theme: {
        title: 'Tessera API',
        // One description is served: a field to type another one's address into is only in the way.
        css: [{ filename: 'tessera.css', content: '.swagger-ui .topbar { display: none }' }],
      },
    });
  });
}

import { z } from 'zod';
import { VENDORS, type Vendor } from '../../../domain/ingestion/vendors.ts';
import type { SourceConfig } from '../../../storage/registry/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import type { WebhookConfig } from '../../../storage/webhooks/types.ts';
import { ConditionFailed } from '../../../storage/errors.ts';
import { ProblemError } from '../problem.ts';
import type { Runs, Steering } from '../runs.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { presentWebhook, webhookView } from './webhook-view.ts';
import { instant, mappingRef, name, pageOf, pageQuery, started } from './schemas.ts';

const TAG = 'Sources';
const kind = z.enum(['web', 'pos', 'crm', 'contact-center', 'email', 'social']);
const params = z.strictObject({ name });
const NOT_FOUND = { description: 'There is no such source' };
const LANES_MAX = 64;

/** A vendor and what connecting to it takes; what each needs is in its guide, and in the answer where it is missing. */
const connection = {
  vendor: z.enum(Object.keys(VENDORS) as [Vendor, ...Vendor[]]),
  secret: z.string().min(1).max(2_000).optional().meta({ description: 'Kept sealed, never shown again' }),
  settings: z.record(z.string(), z.string().max(2_000)).optional(),
};
const source = z.object({
  name: z.string(),
  kind,
  mapping: z.string(),
  lanes: z.number(),
  writeKeys: z.number().meta({ description: 'How many write keys are in force' }),
  createdAt: instant,
  version: z.number(),
  thresholds: z
    .record(z.string(), z.number())
    .optional()
    .meta({ description: 'Those of its health that are not the default' }),
  webhook: webhookView.optional().meta({ description: 'Where the source takes the webhooks of a vendor' }),
});
const withKey = z.object({
  source,
  writeKey: z.string().meta({ description: 'Shown this once; only its hash is kept' }),
});
const duplicate = z.object({
  source: z.string(),
  messageId: z.string(),
  batchId: z.string(),
  index: z.number(),
  receivedAt: instant,
  first: z.object({ batchId: z.string(), index: z.number() }),
});

/**
 * Sources: configuration, keys, steering of their ingestion, duplicates that were dropped. `onKeysChanged` lets a new
 * key in, and a revoked one out, at once.
 */
export function sourceRoutes(store: TenantStore, runs: Runs, onKeysChanged: () => void): ApiRoute[] {
  return [
    ...readRoutes(store, runs),
    addRoute(store, onKeysChanged),
    rotateRoute(store, onKeysChanged),
    connectRoute(store),
    rotateSecretRoute(store),
    ...(['pause', 'resume', 'drain'] as const).map((what) => steerRoute(store, runs, what)),
  ];
}

function readRoutes(store: TenantStore, runs: Runs): ApiRoute[] {
  return [
    route(
      {
        method: 'GET',
        path: '/v1/sources',
        tag: TAG,
        summary: 'All sources',
        answers: { 200: { description: 'The sources', schema: pageOf(source) } },
      },
      async () => {
        const [sources, webhooks] = await Promise.all([store.registry.sources(), store.webhooks.configs()]);
        const bySource = new Map(webhooks.map((config) => [config.source, config]));
        return ok({ items: sources.map((one) => present(one, bySource.get(one.name))), cursor: null });
      },
    ),
    route(
      {
        method: 'GET',
        path: '/v1/sources/{name}',
        tag: TAG,
        summary: 'One source',
        params,
        answers: { 200: { description: 'The source', schema: source }, 404: NOT_FOUND },
      },
      async (input) => {
        const found = await find(store, input.params.name);
        return ok(present(found, await store.webhooks.config(found.name)));
      },
    ),
    route(
      {
        method: 'GET',
        path: '/v1/sources/{name}/progress',
        tag: TAG,
        summary: 'What its ingestion workflow does now',
        params,
        answers: {
          200: { description: 'Progress; null where it never ran', schema: z.looseObject({}) },
          404: NOT_FOUND,
          503: { description: 'Temporal does not answer' },
        },
      },
      async (input) => {
        const found = await find(store, input.params.name);
        return ok({ source: found.name, progress: (await runs.progress(found.name)) ?? null });
      },
    ),
    route(
      {
        method: 'GET',
        path: '/v1/sources/{name}/duplicates',
        tag: TAG,
        summary: 'Duplicates that were dropped, newest first',
        params,
        query: z.strictObject(pageQuery),
        answers: { 200: { description: 'A page', schema: pageOf(duplicate) }, 404: NOT_FOUND },
      },
      async (input) => {
        const found = await find(store, input.params.name);
        return ok(await store.batches.duplicates(found.name, defined(input.query)));
      },
    ),
  ];
}

function addRoute(store: TenantStore, onKeysChanged: () => void): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/sources',
      tag: TAG,
      summary: 'Add a source',
      body: z.strictObject({
        name,
        kind: kind.optional(),
        mapping: mappingRef.optional(),
        lanes: z.int().min(1).max(LANES_MAX).default(1),
        vendor: connection.vendor.optional().meta({
          description: 'Takes this vendor’s webhooks; says kind and mapping where they are left out',
        }),
        secret: connection.secret,
        settings: connection.settings,
      }),
      answers: {
        201: { description: 'The source and its write key', schema: withKey },
        409: { description: 'The name is taken' },
        422: { description: 'There is no such mapping, or the vendor needs something else' },
      },
    },
    async ({ body }) => {
      const { name: wanted, lanes, vendor, secret, settings } = body;
      const profile = vendor === undefined ? undefined : VENDORS[vendor];
      const mapping = body.mapping ?? profile?.mapping ?? 'segment';
      await mustHave(store, mapping);
      if ((await store.registry.source(wanted)) !== undefined) throw exists();
      // The connection comes first: without its source it takes nothing, and the other way round would need a repair.
      const webhook =
        vendor === undefined
          ? undefined
          : await store.webhooks.connect(wanted, { vendor, ...defined({ secret, settings, mapping }) });
      try {
        const added = await store.registry.addSource({
          name: wanted,
          kind: body.kind ?? profile?.kind ?? 'web',
          mapping,
          lanes,
        });
        onKeysChanged();
        return {
          status: 201,
          body: { source: present(added.source, webhook), writeKey: added.writeKey },
          headers: { location: `/v1/sources/${wanted}` },
        };
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw exists();
      }
    },
  );
}

async function mustHave(store: TenantStore, mapping: string): Promise<void> {
  if ((await store.registry.mapping(mapping)) !== undefined) return;
  throw new ProblemError(422, 'no-such-mapping', 'There is no such mapping; see /v1/mappings.');
}

function exists(): ProblemError {
  return new ProblemError(409, 'source-exists', 'A source of this name exists; choose another.');
}

function connectRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/sources/{name}/connect',
      tag: TAG,
      summary: 'Take the webhooks of a vendor on a source that is there, in place of those it took before',
      params,
      body: z.strictObject({ ...connection, mapping: mappingRef.optional() }),
      answers: {
        200: { description: 'The source', schema: source },
        404: NOT_FOUND,
        422: { description: 'There is no such mapping, or the vendor needs something else' },
      },
    },
    async (input) => {
      const found = await find(store, input.params.name);
      const { vendor, ...rest } = input.body;
      if (rest.mapping !== undefined) await mustHave(store, rest.mapping);
      return ok(present(found, await store.webhooks.connect(found.name, { vendor, ...defined(rest) })));
    },
  );
}

function rotateSecretRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/sources/{name}/rotate-secret',
      tag: TAG,
      summary: "Add a vendor's new secret; the one before stays valid unless revokeOld",
      params,
      body: z.strictObject({
        secret: connection.secret.unwrap(),
        revokeOld: z.boolean().default(false),
      }),
      answers: { 200: { description: 'The source', schema: source }, 404: NOT_FOUND },
    },
    async (input) => {
      const found = await find(store, input.params.name);
      const { secret, revokeOld } = input.body;
      return ok(present(found, await store.webhooks.rotateSecret(found.name, secret, { revokeOld })));
    },
  );
}

function rotateRoute(store: TenantStore, onKeysChanged: () => void): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/sources/{name}/rotate-key',
      tag: TAG,
      summary: 'Add a write key; the old ones stay valid unless revokeOld',
      params,
      body: z.strictObject({ revokeOld: z.boolean().default(false) }).default({ revokeOld: false }),
      answers: { 200: { description: 'The source and its new key', schema: withKey }, 404: NOT_FOUND },
    },
    async (input) => {
      await find(store, input.params.name);
      const rotated = await store.registry.rotateKey(input.params.name, input.body);
      onKeysChanged();
      const webhook = await store.webhooks.config(rotated.source.name);
      return ok({ source: present(rotated.source, webhook), writeKey: rotated.writeKey });
    },
  );
}

function steerRoute(store: TenantStore, runs: Runs, what: Steering): ApiRoute {
  const summaries = {
    pause: 'Stop draining; collection goes on and batches wait',
    resume: 'Go on draining',
    drain: 'Answer once all that was accepted before is in profiles',
  };
  return route(
    {
      method: 'POST',
      path: `/v1/sources/{name}/${what}`,
      tag: TAG,
      summary: summaries[what],
      params,
      answers: {
        200: { description: 'Done', schema: z.object({ source: z.string(), done: z.literal(true) }) },
        202: { description: 'Still draining', schema: started },
        404: NOT_FOUND,
        503: { description: 'Temporal does not answer' },
      },
    },
    async (input) => {
      const found = await find(store, input.params.name);
      if ((await runs.steer(found.name, what)) === 'done') return ok({ source: found.name, done: true });
      return {
        status: 202,
        body: {
          workflowId: `ingestion/${store.tenant}/${found.name}`,
          statusUrl: `/v1/sources/${found.name}/progress`,
        },
      };
    },
  );
}

/** The source, or 404. */
export async function find(store: TenantStore, wanted: string): Promise<SourceConfig> {
  const found = await store.registry.source(wanted);
  if (found === undefined) throw new ProblemError(404, 'no-such-source', 'There is no source of this name.');
  return found;
}

function present(config: SourceConfig, webhook: WebhookConfig | undefined): object {
  const { writeKeyHashes, ...shown } = config;
  const view = { ...shown, writeKeys: writeKeyHashes.length };
  return webhook === undefined ? view : { ...view, webhook: presentWebhook(config.name, webhook) };
}

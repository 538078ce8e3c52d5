import { z } from 'zod';
import { VENDORS } from '../../../domain/ingestion/vendors.ts';
import { ConditionFailed } from '../../../storage/errors.ts';
import { LANES_DEFAULT, LANES_MAX } from '../../../storage/registry/registry.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, mappingRef, name, pageOf, pageQuery, shortListQuery } from './schemas.ts';
import { steeringRoutes } from './source-steering.ts';
import { connection, find, kind, mustHave, NOT_FOUND, params, present, source, TAG } from './source-view.ts';
import { sourceWebhookRoutes } from './source-webhooks.ts';
import { pageOfList } from './whole-list.ts';

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
    ...sourceWebhookRoutes(store),
    ...steeringRoutes(store, runs),
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
        query: z.strictObject(shortListQuery),
        answers: { 200: { description: 'The sources', schema: pageOf(source) } },
      },
      async ({ query }) => {
        const [sources, webhooks] = await Promise.all([store.registry.sources(), store.webhooks.configs()]);
        const bySource = new Map(webhooks.map((config) => [config.source, config]));
        const { items, cursor } = pageOfList(sources, (one) => one.name, query);
        return ok({ items: items.map((one) => present(one, bySource.get(one.name))), cursor });
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
        lanes: z.int().min(1).max(LANES_MAX).default(LANES_DEFAULT),
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

function exists(): ProblemError {
  return new ProblemError(409, 'source-exists', 'A source of this name exists; choose another.');
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

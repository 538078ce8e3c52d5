import { z } from 'zod';
import type { SourceConfig } from '../../../storage/registry/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ConditionFailed } from '../../../storage/errors.ts';
import { ProblemError } from '../problem.ts';
import type { Runs, Steering } from '../runs.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, mappingRef, name, pageOf, pageQuery, started } from './schemas.ts';

const TAG = 'Sources';
const kind = z.enum(['web', 'pos', 'crm', 'contact-center', 'email', 'social']);
const params = z.strictObject({ name });
const NOT_FOUND = { description: 'There is no such source' };
const LANES_MAX = 64;

const source = z.object({
  name: z.string(),
  kind,
  mapping: z.string(),
  lanes: z.number(),
  writeKeys: z.number().meta({ description: 'How many write keys are in force' }),
  createdAt: instant,
  version: z.number(),
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
      async () => ok({ items: (await store.registry.sources()).map(present), cursor: null }),
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
      async (input) => ok(present(await find(store, input.params.name))),
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
        kind: kind.default('web'),
        mapping: mappingRef.default('segment'),
        lanes: z.int().min(1).max(LANES_MAX).default(1),
      }),
      answers: {
        201: { description: 'The source and its write key', schema: withKey },
        409: { description: 'The name is taken' },
        422: { description: 'There is no such mapping' },
      },
    },
    async ({ body }) => {
      if ((await store.registry.mapping(body.mapping)) === undefined) {
        throw new ProblemError(422, 'no-such-mapping', 'There is no such mapping; see /v1/mappings.');
      }
      try {
        const added = await store.registry.addSource(body);
        onKeysChanged();
        return {
          status: 201,
          body: { source: present(added.source), writeKey: added.writeKey },
          headers: { location: `/v1/sources/${body.name}` },
        };
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw new ProblemError(409, 'source-exists', 'A source of this name exists; choose another.');
      }
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
      return ok({ source: present(rotated.source), writeKey: rotated.writeKey });
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

function present(config: SourceConfig): object {
  const { writeKeyHashes, ...shown } = config;
  return { ...shown, writeKeys: writeKeyHashes.length };
}

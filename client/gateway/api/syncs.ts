import { z } from 'zod';
import { scheduleRef } from '../../../domain/schedules/types.ts';
import { AUTH_KINDS, SYNC_VENDORS } from '../../../domain/sync/vendors.ts';
import type { SyncVendor } from '../../../domain/sync/types.ts';
import type { SyncCursor } from '../../../domain/sync/cursor.ts';
import type { SyncAuth, SyncConfig } from '../../../storage/syncs/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import {
  SYNC_PROGRESS_QUERY,
  syncWorkflowId,
  type SyncProgress,
} from '../../../workflows/contract/sync-source.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, mappingRef, name, pageOf, pageQuery, shortListQuery } from './schemas.ts';
import { find } from './source-view.ts';
import { pageOfList } from './whole-list.ts';

const TAG = 'Syncs';
const PATH = '/v1/sources/{name}/sync';
const params = z.strictObject({ name });
const NOT_FOUND = { description: 'There is no such source, or it has no sync' };
const secret = z.string().min(1).max(4_000).meta({ description: 'Kept sealed, never shown again' });

const auth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('client-credentials'), clientId: secret, clientSecret: secret }),
  z.strictObject({
    kind: z.literal('refresh-token'),
    ...{ clientId: secret, clientSecret: secret, refreshToken: secret },
  }),
  z.strictObject({ kind: z.literal('token'), token: secret }),
]);

const request = z.strictObject({
  vendor: z.enum(Object.keys(SYNC_VENDORS) as [SyncVendor, ...SyncVendor[]]),
  auth: auth.meta({ description: "How the vendor's API is entered" }),
  url: z.string().max(500).optional().meta({ description: "The vendor's own where it has one" }),
  objects: z.array(z.string().max(100)).optional().meta({ description: 'What is read, in this order' }),
  fields: z
    .record(z.string(), z.array(z.string().max(100)))
    .optional()
    .meta({ description: 'By object; all that the vendor describes where an object is not named' }),
  mapping: mappingRef.optional().meta({ description: "The vendor's own where left out" }),
  overlap: z.string().max(40).optional().meta({ description: 'ISO 8601 duration; PT5M where left out' }),
  deletions: z.boolean().optional().meta({ description: 'Whether deletions are read; true where left out' }),
});

const view = z.object({
  source: z.string(),
  vendor: z.string(),
  url: z.string(),
  auth: z.object({ kind: z.enum(AUTH_KINDS) }),
  objects: z.array(z.string()),
  fields: z.record(z.string(), z.array(z.string())),
  mapping: z.string(),
  overlap: z.string(),
  deletions: z.boolean(),
  version: z.number(),
  cursors: z.array(z.object({ stream: z.string(), modified: instant })),
});

const runParams = z.strictObject({ name, runId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const manifest = z.looseObject({
  runId: z.string(),
  source: z.string(),
  workflowId: z.string(),
  status: z.enum(['reading', 'waiting', 'draining', 'done', 'failed']),
  startedAt: instant,
  endedAt: instant.optional(),
  detail: z.string().nullable().meta({ description: 'Why it failed, and what to do' }),
  pages: z.number(),
  rows: z.number(),
  repeated: z.number().meta({ description: 'Known from the overlap with the run before' }),
  deleted: z.number(),
  malformed: z.number(),
  stored: z.number(),
  duplicates: z.number(),
  quarantined: z.number(),
  drift: z.array(z.looseObject({ object: z.string(), field: z.string(), change: z.string() })),
});

/** Syncs of sources: how a vendor's API is read, and what the runs did. Schedules start them. */
export function syncRoutes(store: TenantStore, runs: Runs): ApiRoute[] {
  return [
    setRoute(store),
    showRoute(store),
    removeRoute(store),
    runsRoute(store),
    runRoute(store),
    progressRoute(store, runs),
  ];
}

function presentAuth({ kind }: SyncAuth): object {
  return { kind };
}

async function present(store: TenantStore, config: SyncConfig): Promise<object> {
  const cursors: Map<string, SyncCursor> = await store.syncs.cursors(config.source);
  return {
    ...config,
    auth: presentAuth(config.auth),
    cursors: [...cursors].map(([stream, { modified }]) => ({ stream, modified })),
  };
}

/** The sync of a source, or 404. */
async function findSync(store: TenantStore, source: string): Promise<SyncConfig> {
  await find(store, source);
  const config = await store.syncs.config(source);
  if (config !== undefined) return config;
  throw new ProblemError(404, 'no-such-sync', 'This source has no sync; set one up with PUT first.');
}

function setRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'PUT',
      path: PATH,
      tag: TAG,
      summary: "Set how a source is synced from its vendor's API; a schedule runs it",
      params,
      body: request,
      answers: {
        200: { description: 'The sync', schema: view },
        404: { description: 'There is no such source' },
        422: { description: 'A setting can not be so, or there is no such mapping' },
      },
    },
    async ({ params: { name: source }, body }) => {
      await find(store, source);
      if (body.mapping !== undefined && (await store.registry.mapping(body.mapping)) === undefined) {
        throw new ProblemError(422, 'no-such-mapping', 'There is no such mapping; see /v1/mappings.');
      }
      const { vendor, auth: given, ...rest } = body;
      return ok(
        await present(store, await store.syncs.configure(source, { vendor, auth: given, ...defined(rest) })),
      );
    },
  );
}

function showRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: PATH,
      tag: TAG,
      summary: 'How a source is synced, and how far',
      params,
      answers: { 200: { description: 'The sync, without its secrets', schema: view }, 404: NOT_FOUND },
    },
    async ({ params: { name: source } }) => ok(await present(store, await findSync(store, source))),
  );
}

function removeRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'DELETE',
      path: PATH,
      tag: TAG,
      summary: "Remove a source's sync with its secrets and cursors; what its runs did stays",
      params,
      answers: {
        200: { description: 'Removed', schema: z.object({ source: z.string(), removed: z.literal(true) }) },
        404: NOT_FOUND,
        409: { description: 'Schedules run it; remove them first' },
      },
    },
    async ({ params: { name: source } }) => {
      await findSync(store, source);
      const schedules = await store.schedules.list();
      const own = schedules.filter((one) => one.source === source && one.action.kind === 'sync');
      if (own.length > 0) {
        const names = own.map((one) => scheduleRef(one)).join(', ');
        throw new ProblemError(409, 'sync-in-use', `These schedules run it: ${names}. Remove them first.`);
      }
      await store.syncs.remove(source);
      return ok({ source, removed: true });
    },
  );
}

function runsRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: `${PATH}/runs`,
      tag: TAG,
      summary: 'Runs that have ended, newest first',
      params,
      query: z.strictObject(pageQuery),
      answers: { 200: { description: 'A page of manifests', schema: pageOf(manifest) }, 404: NOT_FOUND },
    },
    async ({ params: { name: source }, query }) => {
      await find(store, source);
      return ok(await store.syncs.manifests(source, defined(query)));
    },
  );
}

function runRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: `${PATH}/runs/{runId}`,
      tag: TAG,
      summary: 'What one run did, stream by stream',
      params: runParams,
      answers: {
        200: { description: 'Its manifest', schema: manifest },
        404: { description: 'There is no such run, or it has not ended' },
      },
    },
    async ({ params: { name: source, runId } }) => {
      const found = await store.syncs.manifest({ source, runId });
      if (found !== undefined) return ok(found);
      throw new ProblemError(404, 'no-such-run', 'There is no run of this id that has ended.');
    },
  );
}

function progressRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'GET',
      path: `${PATH}/progress`,
      tag: TAG,
      summary: 'What the runs that go on do now',
      params,
      query: z.strictObject(shortListQuery),
      answers: {
        200: {
          description: 'The runs that its schedules have under way',
          schema: pageOf(z.looseObject({ workflowId: z.string(), status: z.string() })),
        },
        404: NOT_FOUND,
        503: { description: 'Temporal does not answer' },
      },
    },
    async ({ params: { name: source }, query }) => {
      await findSync(store, source);
      const own = (await store.schedules.list()).filter((schedule) => schedule.source === source);
      const live = await Promise.all(own.map((schedule) => runs.schedules.live(schedule)));
      const running = live.flatMap((one) => one?.running ?? []);
      const prefix = syncWorkflowId(store.tenant, source);
      const ids = new Set(running.filter((id) => id.startsWith(prefix)));
      const page = pageOfList([...ids], (id) => id, query);
      const items = [];
      for (const workflowId of page.items) {
        const progress = await runs.ask<SyncProgress>(workflowId, SYNC_PROGRESS_QUERY);
        if (progress !== undefined) items.push({ workflowId, ...progress });
      }
      return ok({ items, cursor: page.cursor });
    },
  );
}

import { z } from 'zod';
import type { JsonValue } from '../../../domain/json.ts';
import type { QuarantineEntry } from '../../../storage/intake/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, name, pageOf, pageQuery } from './schemas.ts';

const TAG = 'Quarantine';
const params = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/) });
const code = z.string().regex(/^[a-z0-9-]{1,64}$/);
const status = z.enum(['held', 'released']);
const NOT_FOUND = { description: 'There is no such entry' };
/** Entries of one call to release many; more take another call. */
const RELEASE_MAX = 1_000;

const entry = z.object({
  id: z.string(),
  source: z.string(),
  lane: z.number(),
  batchId: z.string(),
  index: z.number(),
  messageId: z.string().optional(),
  reason: z.object({ code: z.string(), detail: z.string() }),
  quarantinedAt: instant,
  status,
  releasedAt: instant.optional(),
  releasedAs: z.string().optional(),
  origin: z.object({ file: z.string(), row: z.number() }).optional(),
});

/** What the routes are made of; `wake` tells a lane that a released item waits there. */
export interface QuarantineDeps {
  readonly store: TenantStore;
  readonly wake: (source: string, lane: number) => void;
}

/** Items that could not go on: list, look, release as they are or corrected. Nothing in quarantine is ever lost. */
export function quarantineRoutes(deps: QuarantineDeps): ApiRoute[] {
  return [listRoute(deps), showRoute(deps), releaseRoute(deps), releaseManyRoute(deps)];
}

function listRoute({ store }: QuarantineDeps): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/quarantine',
      tag: TAG,
      summary: 'Entries, newest first',
      query: z.strictObject({
        source: name.optional(),
        code: code.optional(),
        status: status.optional(),
        ...pageQuery,
      }),
      answers: { 200: { description: 'A page of entries', schema: pageOf(entry) } },
    },
    async ({ query }) => {
      const { limit, cursor, ...filter } = query;
      return ok(await store.quarantine.list(defined(filter), defined({ limit, cursor })));
    },
  );
}

function showRoute({ store }: QuarantineDeps): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/quarantine/{id}',
      tag: TAG,
      summary: 'One entry with its original item',
      params,
      answers: {
        200: { description: 'The entry', schema: entry.extend({ original: z.looseObject({}).nullable() }) },
        404: NOT_FOUND,
      },
    },
    async (input) => {
      const found = await find(store, input.params.id);
      const original = await store.quarantine.original(found);
      return ok({ ...found, original: original === undefined ? null : shown(original) });
    },
  );
}

function releaseRoute({ store, wake }: QuarantineDeps): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/quarantine/{id}/release',
      tag: TAG,
      summary: 'Send an item through the normal way again, as it is or replaced',
      params,
      body: z
        .strictObject({ replacement: z.record(z.string(), z.json()).optional() })
        .default({})
        .meta({ description: 'replacement: the corrected item; the original stays as it came' }),
      answers: { 200: { description: 'The released entry', schema: entry }, 404: NOT_FOUND },
    },
    async (input) => {
      const found = await find(store, input.params.id);
      const replacement: JsonValue | undefined = input.body.replacement;
      const { entry: released, needsWake } = await store.quarantine.release(found.id, replacement);
      if (needsWake) wake(found.source, found.lane);
      return ok(released);
    },
  );
}

function releaseManyRoute({ store, wake }: QuarantineDeps): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/quarantine/release',
      tag: TAG,
      summary: `Release all held entries of a source or reason, at most ${RELEASE_MAX} a call`,
      body: z
        .strictObject({
          source: name.optional(),
          code: code.optional(),
          limit: z.int().min(1).max(RELEASE_MAX).default(RELEASE_MAX),
        })
        .refine(
          (filter) => filter.source !== undefined || filter.code !== undefined,
          'name a source or a code',
        ),
      answers: {
        200: {
          description: 'How many were released, and whether some are left',
          schema: z.object({ released: z.number(), more: z.boolean() }),
        },
      },
    },
    async ({ body }) => {
      const { limit, ...filter } = body;
      const page = await store.quarantine.list({ ...defined(filter), status: 'held' }, { limit });
      for (const held of page.items) {
        const { needsWake } = await store.quarantine.release(held.id);
        if (needsWake) wake(held.source, held.lane);
      }
      return ok({ released: page.items.length, more: page.cursor !== null });
    },
  );
}

async function find(store: TenantStore, id: string): Promise<QuarantineEntry> {
  const found = await store.quarantine.get(id);
  if (found === undefined) throw new ProblemError(404, 'no-such-entry', 'Nothing in quarantine has this id.');
  return found;
}

/** An item nested so deeply that it can't be written as JSON again is said to be there, and kept. */
function shown(original: object): unknown {
  try {
    return JSON.parse(JSON.stringify(original)) as unknown;
  } catch {
    return { ...original, body: null, note: 'nested too deeply to be shown; its bytes are kept' };
  }
}

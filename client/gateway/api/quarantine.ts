import { z } from 'zod';
import type { JsonValue } from '../../../domain/json.ts';
import type { QuarantineEntry } from '../../../storage/intake/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import { defined } from './profiles.ts';
import { countsRoutes, retentionRoutes } from './quarantine-counts.ts';
import { releaseManyRoutes } from './quarantine-release.ts';
import { checkMapping, releaseMapping, whichEntries, type QuarantineDeps } from './quarantine-shared.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, pageOf, pageQuery } from './schemas.ts';

const TAG = 'Quarantine';
const params = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/) });
const status = z.enum(['held', 'released']);
const NOT_FOUND = { description: 'There is no such entry' };

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

/** Items that could not go on: list, look, release as they are or corrected. Nothing in quarantine is ever lost. */
export function quarantineRoutes(deps: QuarantineDeps): ApiRoute[] {
  return [
    listRoute(deps),
    ...countsRoutes(deps.store),
    ...retentionRoutes(deps.store),
    ...releaseManyRoutes(deps),
    showRoute(deps),
    releaseRoute(deps),
  ];
}

function listRoute({ store }: QuarantineDeps): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/quarantine',
      tag: TAG,
      summary: 'Entries, newest first',
      query: z.strictObject({
        ...whichEntries,
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
      summary: 'Send an item through the normal way again, as it is, corrected, or under another mapping',
      params,
      body: z
        .strictObject({ replacement: z.record(z.string(), z.json()).optional(), mapping: releaseMapping })
        .default({})
        .meta({ description: 'replacement: the corrected item; the original stays as it came' }),
      answers: {
        200: { description: 'The released entry', schema: entry },
        404: NOT_FOUND,
        422: { description: 'There is no such mapping, or the item is nested too deeply to be sent' },
      },
    },
    async (input) => {
      const found = await find(store, input.params.id);
      const { mapping } = input.body;
      const replacement: JsonValue | undefined = input.body.replacement;
      await checkMapping(store, mapping);
      const { entry: released, needsWake } = await store.quarantine.release(found.id, {
        ...(mapping === undefined ? {} : { mapping }),
        ...(replacement === undefined ? {} : { correct: () => replacement }),
      });
      if (needsWake) wake(found.source, found.lane);
      return ok(released);
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

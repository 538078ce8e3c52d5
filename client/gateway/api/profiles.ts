import { z } from 'zod';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { explainRoute } from './explain.ts';
import { defined, found, NOT_FOUND } from './found.ts';
import { presentEvent, presentProfile } from './profile-view.ts';
import { rawRecordRoute } from './raw-record.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import {
  event,
  identifierType,
  instant,
  moment,
  name,
  pageOf,
  pageQuery,
  personParams,
  profile,
} from './schemas.ts';

const TAG = 'Profiles';
const moments = { asOf: moment.optional(), knownAt: moment.optional() };

const change = z.object({
  at: instant,
  recordedAt: instant,
  path: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  messageId: z.string(),
  source: z.string(),
  mapping: z.string().meta({ description: 'name@version of the mapping that made the event' }),
});

/** Reading people. */
export function profileRoutes(store: TenantStore): ApiRoute[] {
  return [
    idsRoute(store),
    readRoute(store),
    eventsRoute(store),
    rawRecordRoute(store),
    explainRoute(store),
    historyRoute(store),
  ];
}

function idsRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/profiles/ids',
      tag: TAG,
      summary: 'Every value of an identifier type with the profile it is in',
      description:
        'In no particular order, each value once. A page may hold less than its limit, or nothing, and still have a cursor. ' +
        'What is merged or split while the pages are read may come twice or not at all.',
      query: z.strictObject({ type: identifierType, ...pageQuery }),
      answers: {
        200: {
          description: 'A page',
          schema: pageOf(z.object({ value: z.string(), profileId: z.string() })),
        },
      },
    },
    async ({ query: { type, ...page } }) => ok(await store.profiles.identifiers(type, defined(page))),
  );
}

function readRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/profiles/{id}',
      tag: TAG,
      summary: 'One profile',
      description: 'asOf: from events up to then; knownAt: from what was recorded up to then.',
      params: personParams,
      query: z.strictObject(moments),
      answers: { 200: { description: 'The profile', schema: profile }, 404: NOT_FOUND },
    },
    async ({ params, query }) => {
      const view = found(await store.profiles.read(params.id, defined(query)));
      const { identity, fold } = await store.registry.config();
      return ok(presentProfile(view, identity, fold));
    },
  );
}

function eventsRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/profiles/{id}/events',
      tag: TAG,
      summary: 'The timeline, newest first',
      params: personParams,
      query: z.strictObject({
        event: z.string().min(1).max(500).optional(),
        name: z.string().min(1).max(500).optional().meta({ description: 'The same as event' }),
        source: name.optional(),
        from: moment.optional(),
        to: moment.optional(),
        ...moments,
        ...pageQuery,
      }),
      answers: { 200: { description: 'A page of events', schema: pageOf(event) }, 404: NOT_FOUND },
    },
    async ({ params, query }) => {
      const { limit, cursor, name: alias, ...filter } = query;
      const byName = filter.event ?? alias;
      const page = found(
        await store.profiles.timeline(
          params.id,
          defined({ ...filter, event: byName }),
          defined({ limit, cursor }),
        ),
      );
      return ok({ items: page.items.map(presentEvent), cursor: page.cursor });
    },
  );
}

function historyRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/profiles/{id}/history',
      tag: TAG,
      summary: 'What changed, when, because of which event; newest first',
      params: personParams,
      query: z.strictObject(pageQuery),
      answers: { 200: { description: 'A page of changes', schema: pageOf(change) }, 404: NOT_FOUND },
    },
    async ({ params, query }) => ok(found(await store.profiles.history(params.id, defined(query)))),
  );
}

export { defined };

import { z } from 'zod';
import type { ScheduleAction, ScheduleSettings } from '../../../domain/schedules/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { steerScheduleRoutes } from './schedules-steer.ts';
import {
  findSchedule,
  presentSchedule,
  scheduleParams,
  scheduleSettings,
  scheduleView,
} from './schedules-view.ts';
import { name, pageOf } from './schemas.ts';
import { find } from './source-view.ts';

const TAG = 'Schedules';

/** Schedules: what they are set to is the tenant's configuration; Temporal is told of it. */
export function scheduleRoutes(store: TenantStore, runs: Runs): ApiRoute[] {
  return [
    listRoute(store, runs),
    showRoute(store, runs),
    putRoute(store, runs),
    ...steerScheduleRoutes(store, runs),
  ];
}

function listRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/schedules',
      tag: TAG,
      summary: 'All schedules, by source and name',
      query: z.strictObject({ source: name.optional() }),
      answers: { 200: { description: 'The schedules', schema: pageOf(scheduleView) } },
    },
    async ({ query }) => {
      const all = await store.schedules.list();
      const items = all.filter(({ source }) => query.source === undefined || source === query.source);
      const live = await Promise.all(items.map((one) => runs.schedules.live(one)));
      return ok({
        items: items.map((one, at) => presentSchedule(store.tenant, one, live[at])),
        cursor: null,
      });
    },
  );
}

function showRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/schedules/{source}/{name}',
      tag: TAG,
      summary: 'One schedule: its settings, next, recent and running runs',
      params: scheduleParams,
      answers: {
        200: { description: 'The schedule', schema: scheduleView },
        404: { description: 'There is no such schedule' },
      },
    },
    async ({ params }) => {
      const found = await findSchedule(store, params);
      return ok(presentSchedule(store.tenant, found, await runs.schedules.live(found)));
    },
  );
}

/** What must hold before a schedule of a kind is kept; throws `ProblemError` that says what to do first. */
const PRECONDITIONS: {
  readonly [Kind in ScheduleAction['kind']]: (
    store: TenantStore,
    source: string,
    action: Extract<ScheduleAction, { readonly kind: Kind }>,
  ) => Promise<void>;
} = {
  sync: async (store, source) => {
    if ((await store.syncs.config(source)) !== undefined) return;
    throw new ProblemError(
      422,
      'no-such-sync',
      'This source has no sync; say how it is read first, with PUT /v1/sources/{name}/sync.',
      { extensions: { field: 'action' } },
    );
  },
};

function putRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'PUT',
      path: '/v1/schedules/{source}/{name}',
      tag: TAG,
      summary: 'Create a schedule, or replace its settings',
      params: scheduleParams,
      body: scheduleSettings,
      answers: {
        200: { description: 'The schedule', schema: scheduleView },
        404: { description: 'There is no such source' },
        422: { description: 'A setting can not be so, or the source is not set up for it' },
      },
    },
    async ({ params, body }) => {
      await find(store, params.source);
      await PRECONDITIONS[body.action.kind](store, params.source, body.action);
      const schedule = await store.schedules.put(params, settingsOf(body));
      await runs.schedules.apply(schedule);
      return ok(presentSchedule(store.tenant, schedule, await runs.schedules.live(schedule)));
    },
  );
}

function settingsOf(body: z.output<typeof scheduleSettings>): ScheduleSettings {
  const { action: what, overlap, catchupWindow, paused, note, timeZone, ...timing } = body;
  return {
    action: what,
    timing: { ...defined(timing), timeZone },
    ...{ overlap, catchupWindow, paused },
    ...(note === undefined ? {} : { note }),
  };
}

import { z } from 'zod';
import type { ScheduleAction, ScheduleSettings } from '../../../domain/schedules/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { omit } from '../omit.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { mappingOf } from './imports.ts';
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
import { name, pageOf, shortListQuery } from './schemas.ts';
import { find } from './source-view.ts';
import { pageOfList } from './whole-list.ts';

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
      query: z.strictObject({ source: name.optional(), ...shortListQuery }),
      answers: { 200: { description: 'The schedules', schema: pageOf(scheduleView) } },
    },
    async ({ query }) => {
      const all = await store.schedules.list();
      const wanted = all.filter(({ source }) => query.source === undefined || source === query.source);
      const { items, cursor } = pageOfList(wanted, (one) => `${one.source}/${one.name}`, query);
      const live = await Promise.all(items.map((one) => runs.schedules.live(one)));
      return ok({ items: items.map((one, at) => presentSchedule(store.tenant, one, live[at])), cursor });
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

/** What must hold before a schedule is kept; throws `ProblemError` that says what to do first. */
async function checkAction(store: TenantStore, source: string, action: ScheduleAction): Promise<void> {
  const config = await find(store, source);
  switch (action.kind) {
    case 'sync':
      if ((await store.syncs.config(source)) !== undefined) return;
      throw new ProblemError(
        422,
        'no-such-sync',
        'This source has no sync; say how it is read first, with PUT /v1/sources/{name}/sync.',
        { extensions: { field: 'action' } },
      );
    case 'import':
      await mappingOf(store, config, action.mapping);
      return;
    default:
      action satisfies never;
  }
}

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
      await checkAction(store, params.source, actionOf(body));
      const schedule = await store.schedules.put(params, settingsOf(body));
      await runs.schedules.apply(schedule);
      return ok(presentSchedule(store.tenant, schedule, await runs.schedules.live(schedule)));
    },
  );
}

function actionOf({ action }: z.output<typeof scheduleSettings>): ScheduleAction {
  if (action.kind === 'sync') return action;
  const { kind, folder, settle, ...rest } = action;
  return { kind, folder, settle, ...defined(rest) };
}

function settingsOf(body: z.output<typeof scheduleSettings>): ScheduleSettings {
  const { overlap, catchupWindow, paused, note, timeZone, ...rest } = body;
  const timing = omit(rest, 'action');
  return {
    action: actionOf(body),
    timing: { ...defined(timing), timeZone },
    ...{ overlap, catchupWindow, paused },
    ...(note === undefined ? {} : { note }),
  };
}

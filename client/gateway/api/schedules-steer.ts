import { z } from 'zod';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import {
  findSchedule,
  overlapPolicy,
  presentSchedule,
  scheduleParams,
  scheduleView,
  startedRun,
} from './schedules-view.ts';
import { moment } from './schemas.ts';

const TAG = 'Schedules';
const PATH = '/v1/schedules/{source}/{name}';
const NOT_FOUND = { description: 'There is no such schedule' };
const UNAVAILABLE = { description: 'Temporal does not answer' };

/** Pause, resume, trigger, backfill and remove a schedule. */
export function steerScheduleRoutes(store: TenantStore, runs: Runs): ApiRoute[] {
  return [
    pauseRoute(store, runs, 'pause'),
    pauseRoute(store, runs, 'resume'),
    triggerRoute(store, runs),
    backfillRoute(store, runs),
    removeRoute(store, runs),
  ];
}

function pauseRoute(store: TenantStore, runs: Runs, what: 'pause' | 'resume'): ApiRoute {
  return route(
    {
      method: 'POST',
      path: `${PATH}/${what}`,
      tag: TAG,
      summary: what === 'pause' ? 'Start no more runs; one that goes on goes on' : 'Start runs again',
      params: scheduleParams,
      body: z.strictObject({ note: z.string().max(500).optional() }).default({}),
      answers: { 200: { description: 'The schedule', schema: scheduleView }, 404: NOT_FOUND },
    },
    async ({ params, body }) => {
      const before = await findSchedule(store, params);
      const changed = await store.schedules.setPaused(params, what === 'pause', body.note);
      const schedule = changed ?? before;
      await runs.schedules.apply(schedule);
      return ok(presentSchedule(store.tenant, schedule, await runs.schedules.live(schedule)));
    },
  );
}

function triggerRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'POST',
      path: `${PATH}/trigger`,
      tag: TAG,
      summary: 'Start a run now, paused or not',
      params: scheduleParams,
      body: z
        .strictObject({
          overlap: overlapPolicy.optional().meta({ description: "The schedule's own where left out" }),
        })
        .default({}),
      answers: {
        202: {
          description: 'Triggered; the run is null where it waits for another to end',
          schema: z.object({ run: startedRun.nullable() }),
        },
        404: NOT_FOUND,
        409: { description: 'A run goes on, and the schedule skips what overlaps' },
        503: UNAVAILABLE,
      },
    },
    async ({ params, body }) => {
      const schedule = await findSchedule(store, params);
      const overlap = body.overlap ?? schedule.overlap;
      const running = (await runs.schedules.live(schedule))?.running ?? [];
      if (overlap === 'skip' && running.length > 0) {
        throw new ProblemError(
          409,
          'run-goes-on',
          'A run of this schedule goes on; wait for its end, or ask with another overlap policy.',
          { extensions: { running } },
        );
      }
      return { status: 202, body: { run: (await runs.schedules.trigger(schedule, overlap)) ?? null } };
    },
  );
}

function backfillRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'POST',
      path: `${PATH}/backfill`,
      tag: TAG,
      summary: 'Start the runs that were due from one moment to another',
      description: 'With the overlap policy skip, one run stands for all that would overlap it.',
      params: scheduleParams,
      body: z.strictObject({
        from: moment,
        to: moment,
        overlap: overlapPolicy.optional().meta({ description: "The schedule's own where left out" }),
      }),
      answers: {
        202: { description: 'Asked for', schema: z.object({ from: moment, to: moment }) },
        404: NOT_FOUND,
        422: { description: 'There is no time between the two' },
        503: UNAVAILABLE,
      },
    },
    async ({ params, body }) => {
      const schedule = await findSchedule(store, params);
      const { from, to, overlap = schedule.overlap } = body;
      if (from >= to)
        throw new ProblemError(422, 'invalid-config', 'from: must be before to.', {
          extensions: { field: 'from' },
        });
      await runs.schedules.backfill(schedule, { from: new Date(from), to: new Date(to), overlap });
      return { status: 202, body: { from, to } };
    },
  );
}

function removeRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'DELETE',
      path: PATH,
      tag: TAG,
      summary: 'Remove a schedule; a run that goes on goes on',
      params: scheduleParams,
      answers: {
        200: { description: 'Removed', schema: z.object({ removed: z.literal(true) }) },
        404: NOT_FOUND,
      },
    },
    async ({ params }) => {
      await findSchedule(store, params);
      await store.schedules.remove(params);
      await runs.schedules.remove(params);
      return ok({ removed: true });
    },
  );
}

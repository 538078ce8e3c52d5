import { z } from 'zod';
import { OVERLAP_POLICIES, SCHEDULE_DEFAULTS, type Schedule } from '../../../domain/schedules/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { scheduleId } from '../../../workflows/contract/schedules.ts';
import { ProblemError } from '../problem.ts';
import type { LiveSchedule } from '../schedules.ts';
import { location, pattern, settle } from './import-schemas.ts';
import { instant, mappingRef, name } from './schemas.ts';

/** A file that somebody copies into a drop folder is left alone for so long. */
const SETTLE_DEFAULT = 'PT1M';

const duration = z.string().max(40).meta({ description: 'ISO 8601 duration', example: 'PT1H' });

/** Which schedule: the source that it belongs to, and its name there. */
export const scheduleParams = z.strictObject({ source: name, name });

/** A policy for runs that are due while another goes on. */
export const overlapPolicy = z.enum(OVERLAP_POLICIES);

const action = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sync') }),
  z.strictObject({
    kind: z.literal('import'),
    folder: location,
    mapping: mappingRef.optional(),
    pattern: pattern.optional(),
    settle: settle.default(SETTLE_DEFAULT),
  }),
]);

/** What a schedule is set to, as it is asked for. */
export const scheduleSettings = z.strictObject({
  action: action.meta({ description: 'What each run does' }),
  every: duration.optional().meta({ description: 'Interval, an ISO 8601 duration; this or cron' }),
  offset: duration.optional().meta({ description: 'Moves an interval, such as PT15M with PT1H' }),
  cron: z
    .array(z.string().max(200))
    .optional()
    .meta({ description: 'Expressions of five fields, or @hourly' }),
  timeZone: z
    .string()
    .max(64)
    .default(SCHEDULE_DEFAULTS.timeZone)
    .meta({ description: 'IANA name, for cron' }),
  jitter: duration.optional().meta({ description: 'Each run starts at random up to so much later' }),
  overlap: overlapPolicy.default(SCHEDULE_DEFAULTS.overlap),
  catchupWindow: duration
    .default(SCHEDULE_DEFAULTS.catchupWindow)
    .meta({ description: 'Runs missed while Temporal was down are made up for if due within this' }),
  paused: z.boolean().default(false),
  note: z.string().max(500).optional(),
});

/** A run that a schedule started. */
export const startedRun = z.object({ dueAt: instant, startedAt: instant, workflowId: z.string() });

/** A schedule as shown. */
export const scheduleView = z.object({
  source: z.string(),
  name: z.string(),
  ...scheduleSettings.shape,
  version: z.number(),
  scheduleId: z.string().meta({ description: 'In Temporal' }),
  live: z
    .object({
      paused: z.boolean(),
      nextRuns: z.array(instant),
      recentRuns: z.array(startedRun),
      running: z.array(z.string()).meta({ description: 'Ids of workflows' }),
      runs: z.number(),
      skipped: z.number().meta({ description: 'Left out, since the run before went on' }),
      missed: z.number().meta({ description: 'Due while Temporal was down, beyond the catch-up window' }),
    })
    .nullable()
    .meta({ description: 'What Temporal knows; null while it does not answer or was not told yet' }),
});

/** The schedule, or 404. */
export async function findSchedule(
  store: TenantStore,
  which: z.output<typeof scheduleParams>,
): Promise<Schedule> {
  const found = await store.schedules.get(which);
  if (found !== undefined) return found;
  throw new ProblemError(404, 'no-such-schedule', 'There is no such schedule; see /v1/schedules.');
}

/** A schedule with what Temporal knows of it. */
export function presentSchedule(tenant: string, schedule: Schedule, live: LiveSchedule | undefined): object {
  const { timing, ...rest } = schedule;
  return { ...rest, ...timing, scheduleId: scheduleId(tenant, schedule), live: live ?? null };
}

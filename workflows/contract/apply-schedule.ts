import { ScheduleAlreadyRunning, ScheduleNotFoundError, type ScheduleClient } from '@temporalio/client';
import type { Schedule } from '../../domain/schedules/types.ts';
import { scheduleId, scheduleOptions } from './schedules.ts';

/**
 * Makes Temporal's schedule what the given one is: created where it is not there, updated where it is of another version.
 * One of the same version is left alone, so that what an operator did to it in Temporal's UI stays until the next change.
 */
export async function applySchedule(
  client: ScheduleClient,
  tenant: string,
  schedule: Schedule,
): Promise<'created' | 'updated' | 'unchanged'> {
  const options = scheduleOptions(tenant, schedule);
  const handle = client.getHandle(options.scheduleId);
  try {
    const { action } = await handle.describe();
    if (action.memo?.['version'] === schedule.version) return 'unchanged';
    const { spec, policies, state = {} } = options;
    await handle.update(() => ({
      spec,
      action: options.action,
      state,
      ...(policies === undefined ? {} : { policies }),
    }));
    return 'updated';
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  try {
    await client.create(options);
    return 'created';
  } catch (error) {
    // Another process of the tenant was first.
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    return 'unchanged';
  }
}

/** Removes a schedule from Temporal, where it is there. What it started goes on. */
export async function removeSchedule(
  client: ScheduleClient,
  tenant: string,
  which: Pick<Schedule, 'source' | 'name'>,
): Promise<void> {
  try {
    await client.getHandle(scheduleId(tenant, which)).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

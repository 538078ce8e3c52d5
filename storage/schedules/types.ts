import type { Schedule, ScheduleSettings } from '../../domain/schedules/types.ts';

/** Which schedule. */
export type ScheduleName = Pick<Schedule, 'source' | 'name'>;

/** That a schedule was, and is no more. */
export interface RemovedSchedule extends ScheduleName {
  readonly removed: true;
  readonly version: number;
}

/**
 * The schedules of a tenant, versioned as all configuration: each change is an event. Temporal is told of them and does not
 * keep them: with its database gone they are created there again.
 */
export interface ScheduleStore {
  /** By source and name. */
  list(): Promise<Schedule[]>;
  /** Those that were removed too, so that they can be removed from Temporal. */
  all(): Promise<(Schedule | RemovedSchedule)[]>;
  get(which: ScheduleName): Promise<Schedule | undefined>;
  /** Creates a schedule, or replaces its settings. Throws `InvalidConfig` that names the field. */
  put(which: ScheduleName, settings: ScheduleSettings): Promise<Schedule>;
  /** Undefined where there is no such schedule. */
  setPaused(which: ScheduleName, paused: boolean, note: string | undefined): Promise<Schedule | undefined>;
  /** Whether there was one. */
  remove(which: ScheduleName): Promise<boolean>;
}

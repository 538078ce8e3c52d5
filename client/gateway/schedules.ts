import { setTimeout as wait } from 'node:timers/promises';
import {
  ScheduleNotFoundError,
  ServiceError,
  type Client,
  type ScheduleDescription,
} from '@temporalio/client';
import type { OverlapPolicy, Schedule } from '../../domain/schedules/types.ts';
import type { ScheduleName } from '../../storage/schedules/types.ts';
import { applySchedule, removeSchedule } from '../../workflows/contract/apply-schedule.ts';
import { scheduleId, temporalOverlap } from '../../workflows/contract/schedules.ts';
import { unavailable } from './problem.ts';
import type { TemporalCalls } from './temporal-calls.ts';

const CALL_TIMEOUT_MS = 5_000;
/** How long a caller is kept waiting to hear what its trigger started, in milliseconds. */
const TRIGGER_WAIT_MS = 5_000;
const LOOK_MS = 100;

/** A run that a schedule started. Times are ISO 8601 UTC. */
export interface StartedRun {
  readonly dueAt: string;
  readonly startedAt: string;
  readonly workflowId: string;
}

/** What Temporal knows of a schedule. Times are ISO 8601 UTC. */
export interface LiveSchedule {
  /** As it is in Temporal, where somebody may have paused it by hand. */
  readonly paused: boolean;
  readonly nextRuns: readonly string[];
  /** Newest first; Temporal keeps the last ten. */
  readonly recentRuns: readonly StartedRun[];
  /** Ids of the workflows that run now. */
  readonly running: readonly string[];
  readonly runs: number;
  /** Runs left out, since the one before went on. */
  readonly skipped: number;
  /** Runs that were due while Temporal was down, longer ago than the catch-up window. */
  readonly missed: number;
}

/** Schedules as Temporal has them. */
export interface ScheduleRuns {
  /** False while Temporal does not answer: a worker tells it later. */
  apply(schedule: Schedule): Promise<boolean>;
  /** False while Temporal does not answer: a worker tells it later. */
  remove(which: ScheduleName): Promise<boolean>;
  /** Undefined while Temporal does not answer, or has not been told of it. */
  live(which: ScheduleName): Promise<LiveSchedule | undefined>;
  /** Starts a run now; answers it, or undefined where none has started within a few seconds. Throws `ProblemError` 503. */
  trigger(schedule: Schedule, overlap: OverlapPolicy): Promise<StartedRun | undefined>;
  /** Starts the runs that were due from one moment to another. Throws `ProblemError` 503. */
  backfill(schedule: Schedule, range: { from: Date; to: Date; overlap: OverlapPolicy }): Promise<void>;
}

/** Tells Temporal of the tenant's schedules, and asks it. */
export function createScheduleRuns(tenant: string, client: Client, calls: TemporalCalls): ScheduleRuns {
  const within = <T>(call: () => Promise<T>): Promise<T> =>
    calls.run(() => client.connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, call));
  const told = async (call: () => Promise<unknown>): Promise<boolean> => {
    try {
      await within(call);
      return true;
    } catch (error) {
      if (error instanceof ServiceError) return false;
      throw error;
    }
  };
  const must = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await within(call);
    } catch (error) {
      if (error instanceof ServiceError) throw unavailable(error);
      throw error;
    }
  };
  const handleOf = (which: ScheduleName) => client.schedule.getHandle(scheduleId(tenant, which));

  return {
    apply: (schedule) => told(() => applySchedule(client.schedule, tenant, schedule)),
    remove: (which) => told(() => removeSchedule(client.schedule, tenant, which)),
    async live(which) {
      try {
        return liveOf(await within(() => handleOf(which).describe()));
      } catch (error) {
        if (error instanceof ScheduleNotFoundError || error instanceof ServiceError) return undefined;
        throw error;
      }
    },
    async trigger(schedule, overlap) {
      const handle = handleOf(schedule);
      const before = await must(async () => {
        // Temporal may not have been told of it yet.
        await applySchedule(client.schedule, tenant, schedule);
        const { info } = await handle.describe();
        await handle.trigger(temporalOverlap(overlap));
        return new Set(info.recentActions.map(({ action }) => action.workflow.workflowId));
      });
      const end = performance.now() + TRIGGER_WAIT_MS;
      while (performance.now() < end) {
        const { recentRuns } = liveOf(await must(() => handle.describe()));
        const started = recentRuns.find(({ workflowId }) => !before.has(workflowId));
        if (started !== undefined) return started;
        await wait(LOOK_MS);
      }
      return undefined;
    },
    async backfill(schedule, { from, to, overlap }) {
      await must(async () => {
        await applySchedule(client.schedule, tenant, schedule);
        await handleOf(schedule).backfill({ start: from, end: to, overlap: temporalOverlap(overlap) });
      });
    },
  };
}

function liveOf({ state, info }: ScheduleDescription): LiveSchedule {
  return {
    paused: state.paused,
    nextRuns: info.nextActionTimes.map((time) => time.toISOString()),
    recentRuns: info.recentActions
      .map(({ scheduledAt, takenAt, action }) => ({
        dueAt: scheduledAt.toISOString(),
        startedAt: takenAt.toISOString(),
        workflowId: action.workflow.workflowId,
      }))
      .reverse(),
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
    runs: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
  };
}

import { durationMs } from '../duration.ts';
import { cronFault } from './cron.ts';
import type { ScheduleSettings, ScheduleTiming } from './types.ts';

/** Shorter intervals keep Temporal busier than the work they start. */
const EVERY_MIN_MS = 60_000;
/** The least that Temporal takes. */
const CATCHUP_MIN_MS = 10_000;
const CRON_MAX = 10;

/** What of a schedule can't be: the setting, and what it must be. */
export interface ScheduleFault {
  readonly field: string;
  readonly detail: string;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function durationFault(field: string, text: string | undefined, minMs: number): ScheduleFault | undefined {
  if (text === undefined || (durationMs(text) ?? -1) >= minMs) return undefined;
  const least = minMs === 0 ? '' : ` of at least ${minMs / 1_000} seconds`;
  return { field, detail: `must be an ISO 8601 duration${least}, such as PT1H` };
}

function timingFault({ every, offset, cron, timeZone, jitter }: ScheduleTiming): ScheduleFault | undefined {
  if ((every === undefined) === (cron === undefined)) {
    return { field: 'every', detail: 'give an interval or cron expressions, one of the two' };
  }
  if (cron !== undefined && (cron.length === 0 || cron.length > CRON_MAX)) {
    return { field: 'cron', detail: `must be 1 to ${CRON_MAX} expressions` };
  }
  if (offset !== undefined && every === undefined) {
    return { field: 'offset', detail: 'goes with an interval; say the minute in the cron expression' };
  }
  const wrong = cron?.map(cronFault).find((fault) => fault !== undefined);
  if (wrong !== undefined) return { field: 'cron', detail: wrong };
  if (!isTimeZone(timeZone)) {
    return { field: 'timeZone', detail: 'must be a time zone of the IANA database, such as Europe/Berlin' };
  }
  const fault =
    durationFault('every', every, EVERY_MIN_MS) ??
    durationFault('offset', offset, 0) ??
    durationFault('jitter', jitter, 0);
  if (fault !== undefined) return fault;
  const isLater = (durationMs(offset ?? 'PT0S') ?? 0) >= (durationMs(every ?? 'PT1S') ?? 0);
  return every !== undefined && offset !== undefined && isLater
    ? { field: 'offset', detail: 'must be shorter than the interval' }
    : undefined;
}

/** The first thing that is wrong with what a schedule is to be set to; undefined where nothing is. */
export function scheduleFault({
  action,
  timing,
  catchupWindow,
}: ScheduleSettings): ScheduleFault | undefined {
  const settle = action.kind === 'import' ? durationFault('settle', action.settle, 0) : undefined;
  return settle ?? timingFault(timing) ?? durationFault('catchupWindow', catchupWindow, CATCHUP_MIN_MS);
}

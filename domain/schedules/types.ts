/** What happens when a run is due while the one before still goes on. Named as Temporal names its policies. */
export const OVERLAP_POLICIES = [
  'skip',
  'buffer-one',
  'buffer-all',
  'cancel-other',
  'terminate-other',
  'allow-all',
] as const;

/** One of `OVERLAP_POLICIES`. */
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** Reads what changed since the cursor of the source's sync. */
export interface SyncAction {
  readonly kind: 'sync';
}

/** Imports the files of a folder or prefix that are new or have changed, once nobody writes to them any more. */
export interface ImportAction {
  readonly kind: 'import';
  /** A folder on the worker's machine, or `s3://bucket/prefix`. */
  readonly folder: string;
  /** The source's own where absent. */
  readonly mapping?: string;
  /** A pattern that names of files must match, such as `*.csv.gz`. */
  readonly pattern?: string;
  /** ISO 8601 duration that a file must not have been touched for. */
  readonly settle: string;
}

/** What a schedule starts each time; more kinds join the union. */
export type ScheduleAction = SyncAction | ImportAction;

/** When a schedule's runs are due: one of `every` and `cron`. Durations are ISO 8601. */
export interface ScheduleTiming {
  /** Counted from 1970-01-01T00:00Z, so that `PT1H` is due on the hour. */
  readonly every?: string;
  /** Moves an interval: `PT15M` with an hour is a quarter past. */
  readonly offset?: string;
  /** Five fields each, minute to weekday, or a name such as `@hourly`. */
  readonly cron?: readonly string[];
  /** An IANA name, for `cron`. */
  readonly timeZone: string;
  /** Each run starts at random up to so much later, so that many schedules don't call at one moment. */
  readonly jitter?: string;
}

/** What a schedule is set to. */
export interface ScheduleSettings {
  readonly action: ScheduleAction;
  readonly timing: ScheduleTiming;
  readonly overlap: OverlapPolicy;
  /** Runs that were missed while Temporal was down are made up for, if they were due within this ISO 8601 duration. */
  readonly catchupWindow: string;
  readonly paused: boolean;
  /** Why it is as it is, for whoever reads it next. */
  readonly note?: string;
}

/** A schedule of a source, at one version of its settings. */
export interface Schedule extends ScheduleSettings {
  readonly source: string;
  /** Unique within the source. */
  readonly name: string;
  /** Of these settings, from 1. */
  readonly version: number;
}

/** Where a setting is left out. */
export const SCHEDULE_DEFAULTS = {
  timeZone: 'UTC',
  overlap: 'skip',
  catchupWindow: 'PT1H',
} as const;

/** How a schedule is named to people: `crm/hourly`. */
export function scheduleRef({ source, name }: Pick<Schedule, 'source' | 'name'>): string {
  return `${source}/${name}`;
}

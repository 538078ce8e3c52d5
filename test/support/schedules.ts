import type { Schedule } from '../../domain/schedules/types.ts';

/** A schedule that syncs the CRM each hour. */
export const HOURLY: Schedule = {
  source: 'crm',
  name: 'hourly',
  version: 1,
  action: { kind: 'sync' },
  timing: { every: 'PT1H', timeZone: 'UTC' },
  overlap: 'skip',
  catchupWindow: 'PT1H',
  paused: false,
};

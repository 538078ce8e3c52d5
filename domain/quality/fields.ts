import type { EventShape } from './shape.ts';
import { thresholdsWith } from './thresholds.ts';

const DAY_MS = 86_400_000;

/** A field that appeared or disappeared. */
export interface FieldChange {
  readonly event: string;
  readonly path: string;
  readonly change: 'new' | 'vanished';
  /** When it was first seen, or last. ISO 8601 UTC. */
  readonly at: string;
}

/** Fields that events of a source began or ceased to have. `now` is ISO 8601 UTC. */
export function fieldChanges(
  shapes: readonly EventShape[],
  now: string,
  thresholds = thresholdsWith(),
): FieldChange[] {
  const { newFieldEvents, newFieldDays, vanishedFieldEvents, vanishedFieldShare } = thresholds;
  const since = new Date(Date.parse(now) - newFieldDays * DAY_MS).toISOString();
  const changes: FieldChange[] = [];
  for (const { event, events, fields } of shapes) {
    for (const [path, { count, first, last, after, missing }] of Object.entries(fields)) {
      if (after >= newFieldEvents && first >= since) changes.push({ event, path, change: 'new', at: first });
      if (missing >= vanishedFieldEvents && count >= (events - missing - after) * vanishedFieldShare)
        changes.push({ event, path, change: 'vanished', at: last });
    }
  }
  return changes;
}

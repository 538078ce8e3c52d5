import type { EventShape } from './shape.ts';

/** A field counts as new where so many events of its name came without it before. */
const NEW_AFTER_EVENTS = 100;
/** A new field is told of for so long after it was first seen. */
const NEW_FOR_MS = 7 * 86_400_000;
/** A field counts as vanished where so many events in a row came without it, ... */
const VANISHED_AFTER_EVENTS = 100;
/** ... if it was in this share of those before; a rare field may well be absent for a while. */
const VANISHED_FROM_SHARE = 0.2;

/** A field that appeared or disappeared. */
export interface FieldChange {
  readonly event: string;
  readonly path: string;
  readonly change: 'new' | 'vanished';
  /** When it was first seen, or last. ISO 8601 UTC. */
  readonly at: string;
}

/** Fields that events of a source began or ceased to have. `now` is ISO 8601 UTC. */
export function fieldChanges(shapes: readonly EventShape[], now: string): FieldChange[] {
  const since = new Date(Date.parse(now) - NEW_FOR_MS).toISOString();
  const changes: FieldChange[] = [];
  for (const { event, events, fields } of shapes) {
    for (const [path, { count, first, last, after, missing }] of Object.entries(fields)) {
      if (after >= NEW_AFTER_EVENTS && first >= since)
        changes.push({ event, path, change: 'new', at: first });
      if (missing >= VANISHED_AFTER_EVENTS && count >= (events - missing - after) * VANISHED_FROM_SHARE)
        changes.push({ event, path, change: 'vanished', at: last });
    }
  }
  return changes;
}

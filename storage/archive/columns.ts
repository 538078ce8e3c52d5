import type { StoredEvent } from '../log/types.ts';

/** A column as the Parquet writer takes it. */
export interface Column {
  readonly name: string;
  readonly type: 'STRING' | 'TIMESTAMP' | 'JSON' | 'BOOLEAN';
  readonly data: (string | boolean | Date | Record<string, number | boolean> | null)[];
}

/** An event for the archive, with the random id of the fragment it belongs to. */
export interface ArchivedEvent {
  readonly subject: string;
  readonly event: StoredEvent;
  /** When the correction was recorded that the row is of, ISO 8601 UTC; absent for what came first. */
  readonly revisedAt?: string;
  /** True where the correction took the event back. */
  readonly isSuperseded: boolean;
}

/** What a name of an event or a property may look like to be archived: a name, and not a value put in its place. */
const NAME = /^[\p{L}_$][\p{L}\p{N}_$ .:/&()-]{0,99}$/u;
const LONG_NUMBER = /\d{5}/;
const OTHER_NAME = 'other';

function safeName(name: string): string | undefined {
  return NAME.test(name) && !LONG_NUMBER.test(name) ? name : undefined;
}

/** Properties whose values are numbers or truth values; text may say anything of anybody. */
function measures(event: StoredEvent): Record<string, number | boolean> | null {
  const kept: Record<string, number | boolean> = {};
  let some = false;
  for (const [name, value] of Object.entries(event.properties)) {
    if (typeof value !== 'number' && typeof value !== 'boolean') continue;
    if (name === '__proto__' || safeName(name) === undefined) continue;
    kept[name] = value;
    some = true;
  }
  return some ? kept : null;
}

/**
 * The columns of the archive: `subject` (the random id of the fragment; destroying its key unlinks it), `type`, `event`,
 * `source`, `timestamp`, `received_at`, and `measures` (JSON: the properties that are numbers or booleans). `item` is the
 * raw item (batch and place), `revised_at` when a correction of it was recorded (null for what came first), `superseded`
 * whether that took the event back: what holds of an item are the rows of its last `revised_at` that are not
 * superseded. Nothing else: no identifier, message id, trait, context, or text of a property. Event and property names that look like
 * values are left out, an event's becomes `other`.
 */
export function columnsOf(events: readonly ArchivedEvent[]): Column[] {
  return [
    { name: 'subject', type: 'STRING', data: events.map(({ subject }) => subject) },
    { name: 'type', type: 'STRING', data: events.map(({ event }) => event.type) },
    { name: 'event', type: 'STRING', data: events.map(({ event }) => safeName(event.event) ?? OTHER_NAME) },
    { name: 'source', type: 'STRING', data: events.map(({ event }) => event.source) },
    { name: 'timestamp', type: 'TIMESTAMP', data: events.map(({ event }) => new Date(event.timestamp)) },
    { name: 'received_at', type: 'TIMESTAMP', data: events.map(({ event }) => new Date(event.receivedAt)) },
    { name: 'item', type: 'STRING', data: events.map(({ event }) => `${event.batchId}-${event.index}`) },
    {
      name: 'revised_at',
      type: 'TIMESTAMP',
      data: events.map(({ revisedAt }) => (revisedAt === undefined ? null : new Date(revisedAt))),
    },
    { name: 'superseded', type: 'BOOLEAN', data: events.map(({ isSuperseded }) => isSuperseded) },
    { name: 'measures', type: 'JSON', data: events.map(({ event }) => measures(event)) },
  ];
}

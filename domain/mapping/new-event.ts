import type { CanonicalEvent } from '../ingestion/event.ts';
import type { EventTime } from '../ingestion/skew.ts';
import type { SelectedIdentifiers } from './identifiers.ts';
import type { Mutable } from '../mutable.ts';

/** What an event is made of: its fields, with its times and its identifiers still together. */
export interface EventParts extends Omit<
  CanonicalEvent,
  'timestamp' | 'originalTimestamp' | 'identifiers' | 'blocked' | 'context' | 'consent'
> {
  readonly time: EventTime;
  readonly selected: SelectedIdentifiers;
  readonly context?: CanonicalEvent['context'] | undefined;
  readonly consent?: CanonicalEvent['consent'] | undefined;
}

/**
 * Makes an event. Every event is made here, field by field in one order: objects that are put together by spreading others
 * take several times the memory and the time, and events are the most of what there is.
 */
export function newEvent(parts: EventParts): CanonicalEvent {
  const { time, selected, context, consent } = parts;
  const event: Mutable<CanonicalEvent> = {
    messageId: parts.messageId,
    type: parts.type,
    event: parts.event,
    timestamp: time.timestamp,
    receivedAt: parts.receivedAt,
    source: parts.source,
    identifiers: selected.identifiers,
    properties: parts.properties,
    traits: parts.traits,
    normalizer: parts.normalizer,
    mapping: parts.mapping,
  };
  if (context !== undefined) event.context = context;
  if (consent !== undefined) event.consent = consent;
  if (time.originalTimestamp !== undefined) event.originalTimestamp = time.originalTimestamp;
  if (selected.blocked !== undefined) event.blocked = selected.blocked;
  return event;
}

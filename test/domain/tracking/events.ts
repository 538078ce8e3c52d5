import type { CanonicalEvent } from '../../../domain/ingestion/event.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { TrackingPlan } from '../../../domain/tracking/types.ts';

/** A canonical event with what a test cares about. */
export function eventOf(given: Partial<CanonicalEvent> = {}): CanonicalEvent {
  return {
    messageId: 'm1',
    type: 'track',
    event: 'Order Completed',
    timestamp: '2026-11-01T10:00:00.000Z',
    receivedAt: '2026-11-01T10:00:01.000Z',
    source: 'web',
    identifiers: [{ type: 'userId', value: 'ann' }],
    properties: {},
    traits: {},
    normalizer: 1,
    mapping: 'segment@1',
    ...given,
  };
}

/** A plan of one event. */
export function planOf(schema: JsonObject, given: Partial<TrackingPlan> = {}): TrackingPlan {
  return {
    name: 'shop',
    version: 1,
    description: '',
    sources: ['web'],
    mode: 'warn',
    unplanned: 'allow',
    rules: [{ event: 'Order Completed', schema }],
    ...given,
  };
}

/** The schema of an event's properties. */
export function properties(of: JsonObject, required: string[] = []): JsonObject {
  return { type: 'object', properties: { properties: { type: 'object', properties: of, required } } };
}

import type { JsonValue } from '../json.ts';
import { exactTime, formatTime, parseTime, TIME_MIN_MS } from './time.ts';

/** What the sender's clock and ours say of one event. */
export interface Clocks {
  /** When it happened, by the sender's clock. */
  readonly original?: JsonValue | undefined;
  /** When it was sent, by the same clock. */
  readonly sentAt?: JsonValue | undefined;
  /** When it came in, by ours; ISO 8601 UTC. */
  readonly receivedAt: string;
}

/** When an event happened. `original` is the sender's word, where that differs. */
export interface EventTime {
  readonly timestamp: string;
  readonly originalTimestamp?: string;
}

/**
 * The Segment spec's correction: an event happened as long before its receipt as it happened before its sending, so a
 * clock that is a year off does no harm. Without `sentAt` the sender's time stands; without either, the receipt's.
 * Never after the receipt. Undefined where the sender's time is no time.
 */
export function correctTime({ original, sentAt, receivedAt }: Clocks): EventTime | undefined {
  if (original === undefined || original === null || original === '') return { timestamp: receivedAt };
  const happened = parseTime(original);
  if (happened === undefined) return undefined;
  const sent = parseTime(sentAt);
  const received = exactTime(receivedAt) ?? Date.parse(receivedAt);
  const corrected = sent === undefined ? happened : received - (sent - happened);
  const time = Math.max(TIME_MIN_MS, Math.min(corrected, received));
  // Most senders write times as we do: what is to be written is there already.
  const isExact = typeof original === 'string' && exactTime(original) === happened;
  const originalTimestamp = isExact ? original : formatTime(happened);
  const timestamp = time === happened ? originalTimestamp : formatTime(time);
  return originalTimestamp === timestamp ? { timestamp } : { timestamp, originalTimestamp };
}

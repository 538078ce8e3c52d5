import type { Identifier } from '../identity/identifier.ts';
import type { JsonObject } from '../json.ts';

/** The six calls of the Segment spec, which every source is mapped to. */
export type EventType = 'identify' | 'track' | 'page' | 'screen' | 'group' | 'alias';

/** One choice about one purpose, as it came with an event. */
export interface ConsentChoice {
  readonly purpose: string;
  readonly status: 'granted' | 'denied';
}

/** One fact about one person in Tessera's own form: what the log keeps and everything else is a fold of. */
export interface CanonicalEvent {
  /** Unique per source; the key by which a message is stored once. */
  readonly messageId: string;
  readonly type: EventType;
  /** Canonical name: the track name, `Page Viewed`, `Screen Viewed`, or the call's name for the others. */
  readonly event: string;
  /** When it happened, corrected for the sender's clock and never after `receivedAt`. ISO 8601 UTC, milliseconds. */
  readonly timestamp: string;
  /** When the gateway took it in. */
  readonly receivedAt: string;
  /** What the sender's own clock said, where that differs. */
  readonly originalTimestamp?: string;
  readonly source: string;
  /** Normalized, without blocked values and repeats, strongest first; at least one. The first names the fragment. */
  readonly identifiers: readonly Identifier[];
  /** Others that it came with, whose values the rules of the time blocked: evidence for the day they are let in. Absent where none. */
  readonly blocked?: readonly Identifier[];
  readonly properties: JsonObject;
  readonly traits: JsonObject;
  readonly context?: JsonObject;
  readonly consent?: readonly ConsentChoice[];
  /** The version of the normalizers that made `identifiers`. */
  readonly normalizer: number;
  /** `name@version` of the mapping that made this event. */
  readonly mapping: string;
}

/** All identifiers that an event shows: those that name somebody, then those that were blocked. */
export function shownBy({ identifiers, blocked }: CanonicalEvent): readonly Identifier[] {
  return blocked === undefined ? identifiers : [...identifiers, ...blocked];
}

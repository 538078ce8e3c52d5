import type { EventType } from '../ingestion/event.ts';
import type { JsonObject } from '../json.ts';

/**
 * What becomes of an event that breaks its plan: `allow` stores and lists it, `warn` also alarms, `quarantine` holds it.
 * Ascending in strictness.
 */
export type PlanMode = 'allow' | 'warn' | 'quarantine';

/** What one event must look like. */
export interface PlanRule {
  /** Its canonical name, such as `Order Completed`, `Page Viewed` or `Identify`. */
  readonly event: string;
  /** For page and screen calls: the page's own name; any where absent. */
  readonly page?: string;
  readonly description?: string;
  /**
   * JSON Schema, draft-07 or 2020-12, of the message as the Segment spec writes it: `properties`, `traits`, `context`,
   * `userId`, `anonymousId`, `messageId`, `timestamp`, `type`, `event`.
   */
  readonly schema: JsonObject;
  /** The plan's own where absent. */
  readonly mode?: PlanMode;
}

/** What the events of some sources must look like; versioned, each version stays as it was stored. */
export interface TrackingPlan {
  readonly name: string;
  readonly version: number;
  readonly description: string;
  /** Names of the sources that it holds for; a source has one plan. */
  readonly sources: readonly string[];
  readonly mode: PlanMode;
  /** For events that no rule names. */
  readonly unplanned: PlanMode;
  /** JSON Schema that holds for every event besides its own. */
  readonly common?: JsonObject;
  readonly rules: readonly PlanRule[];
}

/** A plan as it is written, before the store gives it a version. */
export type PlanDefinition = Omit<TrackingPlan, 'version'>;

/** One way in which an event breaks its plan. Holds names of fields and no values. */
export interface Violation {
  readonly event: string;
  /** Dotted, such as `properties.products[].price`; empty for the event as a whole. */
  readonly path: string;
  /** The keyword of JSON Schema that does not hold, or `unplanned`. */
  readonly rule: string;
  /** What was expected. */
  readonly expected: string;
}

/** The names that canonical events of these calls have, whatever their sender calls them. */
export const CALL_EVENTS: Readonly<Partial<Record<EventType, string>>> = {
  identify: 'Identify',
  page: 'Page Viewed',
  screen: 'Screen Viewed',
  group: 'Group',
  alias: 'Alias',
};

/** The stricter of two modes. */
export function stricter(a: PlanMode, b: PlanMode): PlanMode {
  return MODES.indexOf(a) >= MODES.indexOf(b) ? a : b;
}

/** All modes, ascending in strictness. */
export const MODES: readonly PlanMode[] = ['allow', 'warn', 'quarantine'];

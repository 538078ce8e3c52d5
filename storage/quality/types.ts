import type { EventShape } from '../../domain/quality/shape.ts';
import type { PlanMode, Violation } from '../../domain/tracking/types.ts';

/** Where a raw item is: what an example of a violation is shown from. The item itself stays in its sealed batch. */
export interface ItemPlace {
  readonly lane: number;
  readonly batchId: string;
  readonly index: number;
}

/** How often events broke their plan in one way. */
export interface ViolationCount extends Violation {
  /** `name@version` of the plan, as of the last. */
  readonly plan: string;
  readonly mode: PlanMode;
  readonly count: number;
  /** Of receipt, ISO 8601 UTC. */
  readonly first: string;
  readonly last: string;
  /** The last item that did. */
  readonly example: ItemPlace;
}

/** What was seen of a source's events since it was last told. */
export interface QualityDelta {
  readonly shapes: readonly EventShape[];
  /** Of raw payloads, by the first event that each became. */
  readonly payloads: readonly EventShape[];
  readonly violations: readonly ViolationCount[];
}

/**
 * What a source's events look like, and how they break their plan. Told in portions by whoever processes events; a process
 * that dies takes its last seconds with it, so that counts are close and not exact.
 */
export interface QualityStore {
  add(source: string, delta: QualityDelta): Promise<void>;
  shapes(source: string): Promise<EventShape[]>;
  payloads(source: string): Promise<EventShape[]>;
  /** Most frequent first. */
  violations(source: string): Promise<(ViolationCount & { readonly id: string })[]>;
}

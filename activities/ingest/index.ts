import type { LaneBound } from '../../domain/ingestion/raw.ts';
import {
  holdLaneOf,
  pendingBoundsOf,
  pendingLanesOf,
  waitUntilDrained,
  type DrainedInput,
  type SourceInput,
} from './lanes.ts';
import type { PumpInput, PumpLane } from './pump.ts';
import { pumpsHere } from './pumps-here.ts';
import { runPump, type PumpResult } from './run-pump.ts';
import type { IngestDeps } from './types.ts';

/** Activities of the `ingestion` workflow. Their names are a wire contract. */
export interface IngestActivities {
  pump(input: PumpInput): Promise<PumpResult>;
  pendingLanes(input: SourceInput): Promise<number[]>;
  pendingBounds(input: SourceInput): Promise<LaneBound[]>;
  untilDrained(input: DrainedInput): Promise<void>;
  holdLane(input: SourceInput & { readonly lane: number }): Promise<void>;
}

/** Closes the activities over what they work with. */
export function createIngestActivities(deps: IngestDeps, pump: PumpLane = pumpsHere(deps)): IngestActivities {
  return {
    pump: (input) => runPump(deps, pump, input),
    pendingLanes: (input) => pendingLanesOf(deps, input),
    pendingBounds: (input) => pendingBoundsOf(deps, input),
    holdLane: (input) => holdLaneOf(deps, input),
    untilDrained: (input) => waitUntilDrained(deps, input),
  };
}

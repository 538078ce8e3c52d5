import { KnownEvidence } from './evidence.ts';
import { holdLaneOf, pendingLanesOf, waitUntilDrained, type SourceInput } from './lanes.ts';
import { Quality } from './quality.ts';
import { runPump, type PumpInput, type PumpResult } from './pump.ts';
import type { IngestDeps } from './types.ts';

/** Pairs of identifiers that need not be told to identity again. */
const KNOWN_PAIRS_MAX = 100_000;

/** Activities of the `ingestion` workflow. Their names are a wire contract. */
export interface IngestActivities {
  pump(input: PumpInput): Promise<PumpResult>;
  pendingLanes(input: SourceInput): Promise<number[]>;
  untilDrained(input: SourceInput): Promise<void>;
  holdLane(input: SourceInput & { readonly lane: number }): Promise<void>;
}

/** Closes the activities over what they work with. */
export function createIngestActivities(deps: IngestDeps): IngestActivities {
  const context = {
    ...deps,
    known: new KnownEvidence(KNOWN_PAIRS_MAX),
    quality: new Quality(deps),
  };
  return {
    pump: (input) => runPump(context, input),
    pendingLanes: (input) => pendingLanesOf(deps, input),
    holdLane: (input) => holdLaneOf(deps, input),
    untilDrained: (input) => waitUntilDrained(deps, input),
  };
}

import { KnownEvidence } from './evidence.ts';
import { pumpLane, type PumpLane } from './pump.ts';
import { Novelty } from './novelty.ts';
import { Quality } from './quality.ts';
import type { IngestDeps } from './types.ts';

/** Pairs of identifiers that need not be told to identity again. */
const KNOWN_PAIRS_MAX = 100_000;

/** Pumps in this thread, which share what they know of what identity was told. */
export function pumpsHere(deps: IngestDeps): PumpLane {
  const context = {
    ...deps,
    known: new KnownEvidence(KNOWN_PAIRS_MAX),
    novelty: new Novelty(),
    quality: new Quality(deps),
  };
  return (job) => pumpLane(context, job);
}

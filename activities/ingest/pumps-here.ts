import { KnownEvidence } from './evidence.ts';
import { Novelty } from './novelty.ts';
import { pumpLane, type PumpLane } from './pump.ts';
import { Quality } from './quality.ts';
import { KnownSpreads } from './spreads.ts';
import type { IngestDeps } from './types.ts';

/** Pairs of identifiers that need not be told to identity again. */
const KNOWN_PAIRS_MAX = 100_000;

/** Pumps in this thread, which share what they know: what identity was told, how sources are spread. */
export function pumpsHere(deps: IngestDeps): PumpLane {
  const context = {
    ...deps,
    known: new KnownEvidence(KNOWN_PAIRS_MAX),
    novelty: new Novelty(),
    quality: new Quality(deps),
    spreads: new KnownSpreads(),
  };
  return (job) => pumpLane(context, job);
}

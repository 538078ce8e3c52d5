/** What was asked: which stored items of a source to map again, and by which version. */
export interface MappingReplay {
  readonly runId: string;
  readonly source: string;
  /** `name@version`. */
  readonly mapping: string;
  /** ISO 8601 UTC; what comes later goes by the mapping in force. */
  readonly requestedAt: string;
  /** When items were received, `from` inclusive, `to` exclusive. ISO 8601 UTC. */
  readonly from?: string;
  readonly to?: string;
}

/** How a run goes through a source's batches: slices between batch ids, over all lanes, in the order of the ids. */
export interface MappingReplayPlan {
  readonly lanes: readonly number[];
  /** The last batch id of each slice; one more slice comes after the last. */
  readonly bounds: readonly string[];
  /** Batches that were not through when the run began. */
  readonly waiting: readonly string[];
}

/** What a run did, in items. */
export interface MappingReplayCounts {
  /** Items that came with the mapping, within the times asked for. */
  readonly items: number;
  /** Of which both versions make the same, or that have the version already. */
  readonly same: number;
  /** Whose events were taken back and appended as the version makes them. */
  readonly corrected: number;
  /** Of those, items whose events belong to other identifiers now. */
  readonly moved: number;
  /** That the version refuses, or that are in conflict with another message under it: in quarantine now. */
  readonly refused: number;
  /** That are duplicates under it. */
  readonly duplicates: number;
  /** That have no events to take back: in quarantine, duplicates, or not through yet. */
  readonly skipped: number;
  /** Sets of profiles too large to be judged anew in one transaction. */
  readonly left: number;
}

/** How a run ended. */
export interface MappingReplayOutcome extends MappingReplayCounts {
  readonly status: 'done' | 'cancelled' | 'failed';
  /** Items that were held in quarantine and went through the version, and those of them that are held again. */
  readonly released: number;
  readonly heldAgain: number;
  readonly endedAt: string;
  readonly error?: string;
}

/** A run that has done nothing. */
export const NO_REPLAY_COUNTS: MappingReplayCounts = {
  ...{ items: 0, same: 0, corrected: 0, moved: 0, refused: 0, duplicates: 0, skipped: 0, left: 0 },
};

/** Adds what two slices did. */
export function addReplayCounts(a: MappingReplayCounts, b: MappingReplayCounts): MappingReplayCounts {
  return {
    items: a.items + b.items,
    same: a.same + b.same,
    corrected: a.corrected + b.corrected,
    moved: a.moved + b.moved,
    refused: a.refused + b.refused,
    duplicates: a.duplicates + b.duplicates,
    skipped: a.skipped + b.skipped,
    left: a.left + b.left,
  };
}

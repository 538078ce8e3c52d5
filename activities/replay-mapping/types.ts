import type { GraphNode } from '../../domain/identity/evidence.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { MappingReplayCounts, MappingReplayOutcome } from '../../domain/mapping/replay.ts';
import type { CorrectedCounts, DuplicateEntry, QuarantineEntry } from '../../storage/intake/types.ts';
import type { ClaimRef, StoredEvent, SupersededItem } from '../../storage/log/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';

/** What replays of stored items work with. */
export interface ReplayMappingDeps {
  readonly store: TenantStore;
  /** Milliseconds until every process knows of a replay that begins; longer than a read is cached. */
  readonly settleMs: number;
}

/** Which run; what was asked is kept in the store under the id. */
export interface ReplayRef {
  readonly tenant: string;
  readonly source: string;
  readonly runId: string;
}

/** One slice of a run, from 0. */
export interface SliceRef extends ReplayRef {
  readonly slice: number;
}

/** One comparison of all profiles with the rules in force, from 1. */
export interface JudgeRoundRef extends ReplayRef {
  readonly round: number;
}

/** How a run ended, as its workflow knows it. */
export interface FinishReplayInput extends ReplayRef {
  readonly ended: Pick<MappingReplayOutcome, 'status' | 'released' | 'heldAgain' | 'left' | 'error'>;
}

/** A pair of identifiers that events in question show, of the run's source. */
export type Pair = readonly [GraphNode, GraphNode];

/** What a slice does, fixed before any of it is done, so that a retry does the same. */
export interface SlicePlan {
  readonly corrections: readonly {
    readonly node: GraphNode;
    readonly supersedes: readonly SupersededItem[];
    readonly events: readonly StoredEvent[];
  }[];
  /** Pairs whose evidence may have changed. */
  readonly pairs: readonly Pair[];
  /** Ends of pairs whose values name nobody. */
  readonly blocked: readonly FragmentId[];
  readonly forget: readonly ClaimRef[];
  readonly quarantine: readonly QuarantineEntry[];
  readonly duplicates: readonly DuplicateEntry[];
  readonly counts: MappingReplayCounts;
  readonly change: Omit<CorrectedCounts, 'fragments'>;
}

/** Names a fragment's node by its address. */
export type Address = (identifier: { readonly type: string; readonly value: string }) => FragmentId;

import type { ProfileHead } from '../../domain/identity/evidence.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { IdentityRules } from '../../domain/identity/rule-types.ts';
import type { SimulationReport } from '../../domain/identity/whole/report.ts';
import type { RegionWork } from '../../storage/simulations/types.ts';

/** What a judging thread starts with. Keys stay within the process. */
export interface JudgingInput {
  readonly tenant: string;
  readonly key: { readonly bytes: Uint8Array; readonly tag: Uint8Array };
  readonly rules: IdentityRules;
}

/** A stored head, sealed as it is. */
export interface SealedHead {
  readonly pk: string;
  readonly value: Uint8Array;
}

/** Evidence stored apart from heads, sealed as it is. */
export interface SealedPiece extends SealedHead {
  readonly sk: string;
}

/** A fragment whose value names nobody as things are, and an event of a neighbour that shows the value. */
export interface BlockedSample {
  readonly fragment: FragmentId;
  readonly shownBy: FragmentId;
  readonly messageId: string;
}

/** To the thread. */
export type ToThread =
  | { readonly kind: 'heads'; readonly heads: readonly SealedHead[] }
  /** Evidence that heads have no room for. */
  | { readonly kind: 'apart'; readonly items: readonly SealedPiece[] }
  /** A head too large for one item, put together. */
  | { readonly kind: 'open-head'; readonly head: ProfileHead }
  /** All heads are in: say what is blocked as things are. */
  | { readonly kind: 'end' }
  /** What is blocked under the rules tried: judge. */
  | { readonly kind: 'judge'; readonly blocked: readonly FragmentId[]; readonly wanted: 'report' | 'work' };

/** From the thread. */
export type FromThread =
  /** A portion is in but for heads in pages; another may come. `apart`: of some head more evidence is stored apart. */
  | {
      readonly kind: 'taken';
      readonly profiles: number;
      readonly paged: readonly string[];
      readonly apart: boolean;
    }
  | {
      readonly kind: 'read';
      readonly blocked: readonly BlockedSample[];
      /** Fragments that have events of their own. */
      readonly fragments: readonly FragmentId[];
    }
  | { readonly kind: 'report'; readonly report: SimulationReport }
  | { readonly kind: 'work'; readonly regions: readonly RegionWork[] };

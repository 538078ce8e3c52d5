import type { RulingRefusal } from './decide.ts';
import type { GraphNode } from './evidence.ts';
import type { ProfileId } from './identifier.ts';

/** What a resolution is to do. `joins`: evidence that was put aside in so many parts. */
export type ResolutionTask =
  | { readonly kind: 'split'; readonly away: readonly GraphNode[]; readonly stay: GraphNode }
  | { readonly kind: 'link' | 'never-link'; readonly a: GraphNode; readonly b: GraphNode }
  | { readonly kind: 'joins'; readonly parts: number };

/** A resolution as it was asked for; kept for good. */
export interface ResolutionRequest {
  readonly id: string;
  readonly task: ResolutionTask;
  readonly reason: string;
  /** Who decided: a person's or a program's name. */
  readonly actor: string;
  /** ISO 8601 UTC. Of two decisions on a pair the later stands. */
  readonly requestedAt: string;
}

/** How a resolution ended. */
export interface ResolutionOutcome {
  readonly status: 'done' | 'refused' | 'failed';
  /** Of `refused`. */
  readonly refusal?: RulingRefusal;
  /** Of `failed`: a sentence without values. */
  readonly error?: string;
  /** Profiles that the identifiers named are in now, the one of those that stay first. */
  readonly profiles: readonly ProfileId[];
  readonly minted: number;
  readonly mergedAway: number;
  readonly endedAt: string;
}

/** How far a resolution is. */
export interface ResolutionProgress {
  readonly resolutionId: string;
  readonly kind?: ResolutionTask['kind'];
  readonly stage:
    'opening' | 'preparing' | 'committing' | 'repointing' | 'correcting' | 'done' | 'refused' | 'failed';
  /** Steps to do, each one transaction or a batch of them, and how many are done. */
  readonly steps: number;
  readonly done: number;
  readonly minted: number;
  readonly mergedAway: number;
  readonly refusal?: RulingRefusal;
  readonly profiles: readonly ProfileId[];
}

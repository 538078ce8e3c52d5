import type { IdentityRules } from './rule-types.ts';

/** What is done with candidate rules. */
export type ReplayStep = 'simulate' | 'promote' | 'undo';

/** Where a run on history stands. */
export type ReplayStatus =
  'simulating' | 'simulated' | 'promoting' | 'promoted' | 'undoing' | 'undone' | 'discarded' | 'failed';

/** Candidate rules and what became of them. */
export interface Simulation {
  readonly simulationId: string;
  readonly status: ReplayStatus;
  /** The rules in force when it was asked for. */
  readonly base: IdentityRules;
  /** Its version is that of `base` until it is in force. */
  readonly candidate: IdentityRules;
  /** ISO 8601 UTC. */
  readonly requestedAt: string;
  readonly actor: string;
  readonly reason?: string;
  /** The version that promoting made of the candidate. */
  readonly promotedVersion?: number;
  /** The version that undoing made of `base`. */
  readonly undoneVersion?: number;
  readonly error?: string;
}

/** How far a run is; numbers alone. */
export interface ReplayProgress {
  readonly simulationId: string;
  readonly step: ReplayStep;
  readonly stage: 'reading' | 'judging' | 'applying' | 'done' | 'failed';
  /** Profiles that were read. */
  readonly profilesRead: number;
  /** Of a promotion: sets of profiles that change together, and how many are done. */
  readonly regions: number;
  readonly regionsDone: number;
  /** Times that all profiles were compared with the rules in force; the last finds nothing left to do. */
  readonly rounds: number;
  readonly error?: string;
}

/** What a step leads to while it runs, and when it is done. */
export const STEP_STATUS = {
  simulate: { running: 'simulating', done: 'simulated' },
  promote: { running: 'promoting', done: 'promoted' },
  undo: { running: 'undoing', done: 'undone' },
} as const satisfies Record<ReplayStep, { running: ReplayStatus; done: ReplayStatus }>;

/** Why a step can't begin from where a run stands; undefined where it can. */
export function whyNot(wanted: ReplayStep | 'discard', status: ReplayStatus): string | undefined {
  const from: Record<typeof wanted, readonly ReplayStatus[]> = {
    simulate: [],
    promote: ['simulated', 'undone', 'failed'],
    undo: ['promoted', 'failed'],
    discard: ['simulated', 'undone', 'failed'],
  };
  if (from[wanted].includes(status)) return undefined;
  return `it is ${status}; ${wanted} takes one that is ${from[wanted].join(' or ')}`;
}

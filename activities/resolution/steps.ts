import { ApplicationFailure } from '@temporalio/activity';
import { OPERATOR_SOURCE } from '../../domain/identity/decide.ts';
import type { Evidence, GraphNode } from '../../domain/identity/evidence.ts';
import type { ResolutionRequest } from '../../domain/identity/resolution.ts';
import { StorageError, isTransient } from '../../storage/errors.ts';
import type { IdentityInput } from '../../storage/identity/types.ts';
import { RESOLUTION_PROFILES_MAX } from './limits.ts';
import type { ResolutionDeps, ResolutionRef, ResolutionStep } from './types.ts';

/** What the directory is asked for in one step, and on whose behalf. */
export interface StepWork {
  readonly request: ResolutionRequest;
  readonly cause: string;
  readonly input: IdentityInput;
  /** Identifiers that the step is about, those that stay first. */
  readonly nodes: readonly GraphNode[];
}

/** Reads what a resolution was asked to do. A request that is not there can't be waited for. */
export async function requestOf(
  { store }: ResolutionDeps,
  { resolutionId }: ResolutionRef,
): Promise<ResolutionRequest> {
  const request = await store.resolutions.get(resolutionId);
  if (request === undefined)
    throw ApplicationFailure.nonRetryable('there is no such resolution', 'NoSuchResolution');
  return request;
}

/** Reads what a step is to do. */
export async function workOf(deps: ResolutionDeps, at: ResolutionStep): Promise<StepWork> {
  const request = await requestOf(deps, at);
  const cause = `resolution/${at.resolutionId}/${String(at.step)}`;
  const { nodes, ...asked } = await askedOf(deps, request, at.step);
  const input = { nodes, ...asked, profilesMax: RESOLUTION_PROFILES_MAX, prepared: true };
  return { request, cause, input, nodes };
}

async function askedOf(
  { store }: ResolutionDeps,
  { id, task, requestedAt: at }: ResolutionRequest,
  step: number,
): Promise<Pick<IdentityInput, 'nodes' | 'evidence' | 'splits'>> {
  switch (task.kind) {
    case 'split':
      return {
        nodes: [task.stay, ...task.away],
        evidence: [],
        splits: [{ kind: 'split', id, at, away: task.away }],
      };
    case 'link':
    case 'never-link': {
      const { a, b } = task;
      const rule = task.kind === 'link' ? ('always' as const) : ('never' as const);
      const evidence = [{ a, b, rule, firstSeen: at, source: OPERATOR_SOURCE, messageId: id }];
      return { nodes: [a, b], evidence };
    }
    case 'joins': {
      const evidence: readonly Evidence[] = await store.resolutions.part(id, step);
      return { nodes: evidence.flatMap((piece) => [piece.a, piece.b]), evidence };
    }
  }
}

/** Runs a step's work: what waiting can mend is tried again by Temporal, anything else ends the resolution. */
export async function mendable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StorageError && !isTransient(error))
      throw ApplicationFailure.nonRetryable(error.message, error.code);
    throw error;
  }
}

import type { GraphNode } from '../../domain/identity/evidence.ts';
import type { ProfileId } from '../../domain/identity/identifier.ts';
import type { ResolutionOutcome } from '../../domain/identity/resolution.ts';
import { mendable, requestOf, workOf } from './steps.ts';
import type { ResolutionDeps, ResolutionPlan, ResolutionRef, ResolutionStep, StepOutcome } from './types.ts';

/** Most profiles that an answer names; a batch of joins counts the rest. */
const NAMED_PROFILES_MAX = 20;

/** How a resolution ended, as its workflow knows it. */
export interface CloseInput extends ResolutionRef {
  readonly ended: Pick<ResolutionOutcome, 'status' | 'refusal' | 'error' | 'minted' | 'mergedAway'>;
}

/** Activities of the `resolution` workflow. Their names are a wire contract. Each may run again and changes nothing then. */
export interface ResolutionActivities {
  openResolution(input: ResolutionRef): Promise<ResolutionPlan>;
  /** Before the commit point: writes what nobody sees yet. */
  prepareResolution(input: ResolutionStep): Promise<{ items: number }>;
  /** The commit point. */
  commitResolution(input: ResolutionStep): Promise<StepOutcome>;
  /** Compensates `prepareResolution`. */
  releaseResolution(input: ResolutionStep): Promise<void>;
  /** After the commit point: fragments point straight at their profiles. */
  repointResolution(input: ResolutionStep): Promise<void>;
  /** After the commit point: those who follow profiles are told. */
  correctResolution(input: ResolutionStep): Promise<void>;
  /** Keeps how it ended; answers the profiles that the identifiers named are in now. */
  closeResolution(input: CloseInput): Promise<{ profiles: readonly ProfileId[] }>;
}

/** Closes the activities over what they work with. */
export function createResolutionActivities(deps: ResolutionDeps): ResolutionActivities {
  const { directory, resolutions } = deps.store;

  async function homesOf(nodes: readonly GraphNode[]): Promise<ProfileId[]> {
    const homes = new Set<ProfileId>();
    for (const { fragment } of nodes) {
      if (homes.size === NAMED_PROFILES_MAX) break;
      const head = await directory.profileOf(fragment);
      if (head) homes.add(head.profileId);
    }
    return [...homes];
  }

  return {
    openResolution: async (input) => {
      const { task } = await requestOf(deps, input);
      return { kind: task.kind, steps: task.kind === 'joins' ? task.parts : 1 };
    },
    prepareResolution: (at) =>
      mendable(async () => {
        const { input, cause } = await workOf(deps, at);
        return { items: await directory.prepare(input, cause) };
      }),
    commitResolution: (at) =>
      mendable(async () => {
        const { request, input, cause } = await workOf(deps, at);
        const { minted, mergedAway, refused } = await directory.resolve(input, cause);
        await deps.store.batches.countDecided(cause, minted.length - mergedAway.length);
        const refusal = refused.get(request.id);
        return {
          minted: minted.length,
          mergedAway: mergedAway.length,
          ...(refusal === undefined ? {} : { refusal }),
        };
      }),
    releaseResolution: async (at) => {
      const { cause } = await workOf(deps, at);
      await directory.release(cause);
    },
    repointResolution: async (at) => {
      const { nodes, cause } = await workOf(deps, at);
      await directory.repoint(
        nodes.map((node) => node.fragment),
        cause,
      );
    },
    correctResolution: async (at) => {
      if (deps.followers.length === 0) return;
      const { request, nodes } = await workOf(deps, at);
      const correction = {
        resolutionId: at.resolutionId,
        kind: request.task.kind,
        profiles: await homesOf(nodes),
      };
      for (const follow of deps.followers) await follow(correction);
    },
    closeResolution: async ({ ended, ...ref }) => {
      const { task } = await requestOf(deps, ref);
      const nodes = task.kind === 'joins' ? [] : (await workOf(deps, { ...ref, step: 0 })).nodes;
      const profiles = await homesOf(nodes);
      await resolutions.end(ref.resolutionId, { ...ended, profiles, endedAt: new Date().toISOString() });
      return { profiles };
    },
  };
}

import type { GraphNode, ProfileHead } from '../../domain/identity/evidence.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import type { Group, PlanContext } from './plan.ts';
import type { Decision } from './types.ts';

const NONE: readonly never[] = [];

/**
 * The groups that store fragments which have no profile and which nothing was said about, each as a profile of its own.
 * They are most of what a source's first events bring, so that no graph is made of them.
 */
export function planAlone(
  nodes: readonly GraphNode[],
  { cause, rules, now, mint }: Pick<PlanContext, 'cause' | 'rules' | 'now' | 'mint'>,
): { groups: Group[]; profiles: Map<FragmentId, ProfileId> } {
  const profiles = new Map<FragmentId, ProfileId>();
  const groups = nodes.map((node): Group => {
    const profileId = mint();
    profiles.set(node.fragment, profileId);
    const head: ProfileHead = {
      profileId,
      mintedAt: now,
      mintedBy: cause,
      members: [node],
      links: NONE,
      refused: NONE,
      rulesVersion: rules.version,
      moved: {},
    };
    const next: Decision = { version: 1, recordedAt: now, cause, kind: 'minted', head, others: NONE };
    const placed = [[node.fragment, profileId] as const];
    return { steps: [{ next }], placed, moved: NONE, judgedBy: NONE, apart: NONE };
  });
  return { groups, profiles };
}

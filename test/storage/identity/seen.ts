import assert from 'node:assert/strict';
import type {
  Evidence,
  GraphNode,
  Partition,
  ProfileHead,
  Refusal,
} from '../../../domain/identity/evidence.ts';
import type { FragmentId } from '../../../domain/identity/identifier.ts';
import type { Ruling } from '../../../domain/identity/ruling.ts';
import type { ProfileDirectory } from '../../../storage/identity/types.ts';

/** The heads that readers see of some fragments. Asserts on the way that no fragment is in two. */
export async function headsOf(
  directory: ProfileDirectory,
  nodes: readonly GraphNode[],
): Promise<ProfileHead[]> {
  const heads = new Map<string, ProfileHead>();
  for (const { fragment } of nodes) {
    const head = await directory.profileOf(fragment);
    if (!head) continue;
    assert.ok(head.members.some((member) => member.fragment === fragment));
    heads.set(head.profileId, head);
  }
  const members = [...heads.values()].flatMap((head) => head.members.map((member) => member.fragment));
  assert.equal(new Set(members).size, members.length, 'a fragment is in two profiles');
  return [...heads.values()];
}

/** Heads as a partition. */
export function partitionOf(heads: readonly ProfileHead[]): Partition {
  const refused = new Map<string, Refusal>();
  for (const head of heads)
    for (const refusal of head.refused) {
      const { a, b, rule } = refusal.evidence;
      refused.set(`${a.fragment} ${b.fragment} ${rule} ${refusal.evidence.source}`, refusal);
    }
  return { components: heads, refused: [...refused.values()] };
}

/** What heads together know of what people ruled: whole rulings, and the evidence that came with them. */
export function ruledIn(heads: readonly ProfileHead[]): { rulings: Ruling[]; evidence: Evidence[] } {
  const types = new Map(
    heads.flatMap(({ members }) => members.map((node) => [node.fragment, node] as const)),
  );
  const nodes = (fragments: readonly FragmentId[]): GraphNode[] =>
    fragments.map((fragment) => types.get(fragment)!);
  const rulings = new Map<string, Ruling>();
  for (const head of heads)
    for (const { a, b, ...known } of head.rulings ?? []) {
      const before = rulings.get(known.id);
      rulings.set(known.id, {
        ...known,
        a: [...(before?.a ?? []), ...nodes(a)],
        b: [...(before?.b ?? []), ...nodes(b)],
      });
    }
  const evidence = heads
    .flatMap((head) => [...head.links, ...head.refused.map((refusal) => refusal.evidence)])
    .filter(({ rule }) => rule === 'always');
  return { rulings: [...rulings.values()], evidence };
}

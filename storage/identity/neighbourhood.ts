import type { ProfileHead } from '../../domain/identity/evidence.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import { ConditionFailed } from '../errors.ts';
import type { DirectoryRecords, Pointer } from './records.ts';
import type { Decision } from './types.ts';

/** The profiles around some fragments, as they were when first read. One per attempt, never kept. */
export interface Neighbourhood {
  /**
   * Loads what is needed to say where each fragment belongs. Throws `ConditionFailed` where heads read at different
   * times contradict each other: somebody wrote meanwhile, begin with a new neighbourhood.
   */
  locate(fragments: Iterable<FragmentId>): Promise<void>;
  /** The profile that lists the fragment; undefined where none does. Only after `locate`. */
  homeOf(fragment: FragmentId): ProfileId | undefined;
  pointerOf(fragment: FragmentId): Pointer | undefined;
  /** The last decision of a profile that was loaded. */
  decisionOf(profile: ProfileId): Decision | undefined;
  readonly located: ReadonlyMap<FragmentId, ProfileId | undefined>;
}

/** Where a head sends those who look for one of its former fragments. */
export function nextHome(head: ProfileHead, fragment: FragmentId): ProfileId | undefined {
  // A fragment that moved had left before the rest was merged away.
  return Object.hasOwn(head.moved, fragment) ? head.moved[fragment] : head.mergedInto;
}

/** An empty neighbourhood over the directory's records. */
export function createNeighbourhood(records: DirectoryRecords): Neighbourhood {
  const pointers = new Map<FragmentId, Pointer | undefined>();
  const heads = new Map<ProfileId, Decision | undefined>();
  const members = new Map<ProfileId, ReadonlySet<FragmentId>>();
  const located = new Map<FragmentId, ProfileId | undefined>();

  async function loadHeads(profiles: Iterable<ProfileId>): Promise<void> {
    const wanted = [...new Set(profiles)].filter((profile) => !heads.has(profile));
    if (wanted.length === 0) return;
    const found = await records.latest(wanted);
    wanted.forEach((profile, index) => {
      const decision = found[index];
      heads.set(profile, decision);
      if (decision) members.set(profile, new Set(decision.head.members.map((node) => node.fragment)));
    });
  }

  async function loadPointers(fragments: readonly FragmentId[]): Promise<void> {
    const found = await records.pointers(fragments);
    fragments.forEach((fragment, index) => pointers.set(fragment, found[index]));
  }

  async function locate(fragments: Iterable<FragmentId>): Promise<void> {
    const wanted = [...new Set(fragments)].filter((fragment) => !located.has(fragment));
    if (wanted.length === 0) return;
    await loadPointers(wanted);
    let open = new Map<FragmentId, ProfileId>();
    const visited = new Map<FragmentId, Set<ProfileId>>();
    for (const fragment of wanted) {
      const pointer = pointers.get(fragment);
      if (pointer) open.set(fragment, pointer.profile);
      else located.set(fragment, undefined);
    }
    while (open.size > 0) {
      await loadHeads(open.values());
      const onward = new Map<FragmentId, ProfileId>();
      for (const [fragment, profile] of open) {
        const head = heads.get(profile)?.head;
        if (members.get(profile)?.has(fragment)) located.set(fragment, profile);
        else if (!head) located.set(fragment, undefined);
        else onward.set(fragment, onwardFrom(head, fragment, visited));
      }
      open = onward;
    }
  }

  return {
    locate,
    located,
    homeOf: (fragment) => located.get(fragment),
    pointerOf: (fragment) => pointers.get(fragment),
    decisionOf: (profile) => heads.get(profile),
  };
}

/** Each redirect is a merge or move later than the one before, so what leads nowhere or in a circle was read too early. */
function onwardFrom(
  head: ProfileHead,
  fragment: FragmentId,
  visited: Map<FragmentId, Set<ProfileId>>,
): ProfileId {
  const next = nextHome(head, fragment);
  const path = visited.get(fragment) ?? new Set();
  if (next === undefined || path.has(next)) throw new ConditionFailed([]);
  visited.set(fragment, path.add(head.profileId).add(next));
  return next;
}

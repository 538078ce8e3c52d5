import type { ProfileHead } from '../../domain/identity/evidence.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import { parseIdentifierKey } from '../../domain/identity/identifier.ts';
import { normalizeOptions } from '../../domain/identity/normalization.ts';
import { normalizeIdentifier } from '../../domain/identity/normalize.ts';
import { nextHome } from '../identity/neighbourhood.ts';
import type { Decision, ProfileDirectory } from '../identity/types.ts';
import type { EventLog } from '../log/types.ts';
import type { Registry } from '../registry/types.ts';
import type { ProfileAddress } from './types.ts';

/** What finding a profile stands on. */
export interface Membership {
  readonly directory: ProfileDirectory;
  readonly log: EventLog;
  readonly registry: Pick<Registry, 'config'>;
}

/** The head that answers for an address, now or as it was known at a moment; undefined where there is or was none. */
export async function findHead(
  membership: Membership,
  address: ProfileAddress,
  knownAt: string | undefined,
): Promise<ProfileHead | undefined> {
  const head = await headOf(membership, address, knownAt);
  return head?.vacant === true ? undefined : head;
}

async function headOf(
  membership: Membership,
  address: ProfileAddress,
  knownAt: string | undefined,
): Promise<ProfileHead | undefined> {
  const { directory } = membership;
  const fragment = await fragmentOf(membership, address);
  if (fragment === undefined)
    return knownAt === undefined ? directory.head(address) : headKnownAt(directory, address, knownAt);
  const head = await directory.profileOf(fragment);
  if (head === undefined || knownAt === undefined) return head;
  return homeKnownAt(directory, head.profileId, fragment, knownAt);
}

/** The address of an identifier; undefined for a profile id. A value its normalizer refuses is looked up as it is. */
export async function fragmentOf(
  { log, registry }: Pick<Membership, 'log' | 'registry'>,
  address: ProfileAddress,
): Promise<FragmentId | undefined> {
  const identifier = parseIdentifierKey(address);
  if (!identifier) return undefined;
  const options = normalizeOptions(await registry.config());
  const normalized = normalizeIdentifier(identifier.type, identifier.value, options);
  return log.address(normalized.ok ? { ...identifier, value: normalized.value } : identifier);
}

/** The last of the decisions that were recorded by then. */
function lastBy(decisions: readonly Decision[], knownAt: string): Decision | undefined {
  return decisions.findLast((decision) => decision.recordedAt <= knownAt);
}

async function headKnownAt(
  directory: ProfileDirectory,
  profile: ProfileId,
  knownAt: string,
): Promise<ProfileHead | undefined> {
  let at = profile;
  // A redirect of then leads to a later merge of then, so this ends.
  for (;;) {
    const head = lastBy(await directory.decisions(at), knownAt)?.head;
    if (head?.mergedInto === undefined) return head;
    at = head.mergedInto;
  }
}

/**
 * The head that listed a fragment at that moment. A fragment comes to a profile from one that took part in the
 * decision, so the search goes back along those who took part, and forward along redirects that stood then.
 */
async function homeKnownAt(
  directory: ProfileDirectory,
  profile: ProfileId,
  fragment: FragmentId,
  knownAt: string,
): Promise<ProfileHead | undefined> {
  const queue: ProfileId[] = [profile];
  const seen = new Set<ProfileId>();
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const decisions = await directory.decisions(at);
    const head = lastBy(decisions, knownAt)?.head;
    if (head?.members.some((member) => member.fragment === fragment)) return head;
    const onward = head && nextHome(head, fragment);
    if (onward !== undefined) queue.push(onward);
    queue.push(...decisions.flatMap((decision) => decision.others));
  }
  return undefined;
}

import type { Evidence, GraphNode } from '../../../domain/identity/evidence.ts';
import { parseIdentifierKey } from '../../../domain/identity/identifier.ts';
import type { EventLog } from '../../../storage/log/types.ts';
import type { ProfileView } from '../../../storage/profiles/types.ts';

/**
 * Why a profile's fragments are one person. Fragments are addresses that name nobody; those of this profile are shown
 * with their identifiers, the far end of a refused link is not this person's and stays an address.
 */
export function explain(view: ProfileView, log: Pick<EventLog, 'address'>): object {
  const { head, state } = view;
  const names = new Map<string, string>();
  for (const key of Object.keys(state.identifiers)) {
    const identifier = parseIdentifierKey(key);
    if (identifier !== undefined) names.set(log.address(identifier), key);
  }
  const end = (node: GraphNode): object => ({
    fragment: node.fragment,
    type: node.type,
    identifier: names.get(node.fragment) ?? null,
  });
  const link = (evidence: Evidence): object => ({
    a: end(evidence.a),
    b: end(evidence.b),
    rule: evidence.rule,
    firstSeen: evidence.firstSeen,
    source: evidence.source,
    messageId: evidence.messageId,
  });
  return {
    profileId: head.profileId,
    mintedAt: head.mintedAt,
    rulesVersion: head.rulesVersion,
    fragments: head.members.map(end),
    links: head.links.map(link),
    refused: head.refused.map((refusal) => ({
      ...link(refusal.evidence),
      refusedBy: refusal.refusedBy,
      limitedType: refusal.type,
    })),
  };
}

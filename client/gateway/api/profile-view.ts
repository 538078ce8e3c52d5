import type { IdentityRules } from '../../../domain/identity/evidence.ts';
import {
  presentEvent as presentBare,
  presentProfile as presentState,
} from '../../../domain/profile/present.ts';
import type { FoldPolicy } from '../../../domain/profile/state.ts';
import type { StoredEvent } from '../../../storage/log/types.ts';
import type { ProfileView } from '../../../storage/profiles/types.ts';

/** A profile as the API answers it: what its state says, and which fragments it is made of. */
export function presentProfile(view: ProfileView, rules: IdentityRules, policy: FoldPolicy): object {
  const { head, state } = view;
  return {
    profileId: head.profileId,
    ...presentState(state, rules, policy),
    segments: [],
    fragments: head.members.map(({ fragment, type }) => ({ fragment, type })),
    completeSince: view.completeSince,
  };
}

/** An event as the API answers it: where it is stored is not the caller's business. */
export function presentEvent(event: StoredEvent): object {
  const { originalTimestamp, context, consent, mapping } = event;
  return {
    ...presentBare(event),
    ...(originalTimestamp === undefined ? {} : { originalTimestamp }),
    ...(context === undefined ? {} : { context }),
    ...(consent === undefined ? {} : { consent }),
    mapping,
  };
}

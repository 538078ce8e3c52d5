import { identifierKey } from '../identity/identifier.ts';
import { shownBy, type CanonicalEvent } from '../ingestion/event.ts';
import { ownValue, setOwn } from '../record.ts';
import { ProfileDraft } from './draft.ts';
import type { FragmentState } from './fragment.ts';
import { compareStamps } from './stamp.ts';
import type { FoldPolicy, ProfileState } from './state.ts';

/** The state of no events, the identity of `merge`. */
export const emptyState: ProfileState = Object.freeze({
  events: 0,
  firstSeen: null,
  lastSeen: null,
  traits: Object.freeze({}),
  counters: Object.freeze({}),
  identifiers: Object.freeze({}),
  consent: Object.freeze({}),
});

/** A fragment before its first event. */
export const emptyFragment: FragmentState = Object.freeze({
  profile: emptyState,
  evidence: Object.freeze({}),
});

/** Folds one event onto a state; the state given stays as it is. Any order of events gives the same state. */
export function evolve(state: ProfileState, event: CanonicalEvent, policy: FoldPolicy): ProfileState {
  return evolveAll(state, [event], policy);
}

/** Folds many events at a cost of the events plus one copy of what they touch. */
export function evolveAll(
  state: ProfileState,
  events: Iterable<CanonicalEvent>,
  policy: FoldPolicy,
): ProfileState {
  const draft = new ProfileDraft(state, policy);
  for (const event of events) draft.add(event);
  return draft.finish();
}

/** Folds one event onto a fragment; the state given stays as it is. */
export function evolveFragment(
  state: FragmentState,
  event: CanonicalEvent,
  policy: FoldPolicy,
): FragmentState {
  return evolveFragmentAll(state, [event], policy);
}

/** Folds many events of one fragment; as `evolveAll`, with what they say of other identifiers. */
export function evolveFragmentAll(
  state: FragmentState,
  events: readonly CanonicalEvent[],
  policy: FoldPolicy,
): FragmentState {
  return { profile: evolveAll(state.profile, events, policy), evidence: addEvidence(state.evidence, events) };
}

/** Keeps, for each identifier but the fragment's own, the earliest event that showed it. */
function addEvidence(
  evidence: FragmentState['evidence'],
  events: readonly CanonicalEvent[],
): FragmentState['evidence'] {
  let result = evidence;
  for (const event of events) {
    const { timestamp: at, source, messageId } = event;
    const identifiers = shownBy(event);
    for (let index = 1; index < identifiers.length; index += 1) {
      const identifier = identifiers[index];
      if (identifier === undefined) continue;
      const key = identifierKey(identifier);
      const before = ownValue(result, key);
      const stamp = { at, source, messageId };
      if (before !== undefined && compareStamps(before, stamp) <= 0) continue;
      if (result === evidence) result = { ...evidence };
      setOwn(result, key, stamp);
    }
  }
  return result;
}

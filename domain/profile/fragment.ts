import type { IdentifierKey } from '../identity/identifier.ts';
import type { ProfileState, Stamp } from './state.ts';

/** The fold of one fragment's events: what it adds to its profile, and what it says of other identifiers. */
export interface FragmentState {
  readonly profile: ProfileState;
  /** Other identifiers seen on this fragment's events, with the earliest event that showed each. */
  readonly evidence: Record<IdentifierKey, Stamp>;
}

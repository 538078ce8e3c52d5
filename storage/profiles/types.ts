import type { ProfileHead } from '../../domain/identity/evidence.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import type { ProfileState } from '../../domain/profile/state.ts';
import type { Page, PageOptions } from '../intake/types.ts';
import type { StoredEvent } from '../log/types.ts';

/** How a caller names a person: a profile id, or any identifier as `type:value` (normalized by the reader). */
export type ProfileAddress = string;

/** Which past to show. `asOf`: events with event time up to it. `knownAt`: what was recorded up to it. ISO 8601 UTC. */
export interface Moment {
  readonly asOf?: string;
  readonly knownAt?: string;
}

/** A profile as read: the merge of its fragments. */
export interface ProfileView {
  readonly head: ProfileHead;
  readonly state: ProfileState;
  /** Event time since which nothing is missing; null where there is no event. */
  readonly completeSince: string | null;
}

/** Filters of a timeline; all of them hold. Times are event times, `from` inclusive, `to` exclusive. */
export interface TimelineFilter extends Moment {
  readonly event?: string;
  readonly source?: string;
  readonly messageId?: string;
  readonly from?: string;
  readonly to?: string;
}

/** One change to a profile and the event that made it. */
export interface ProfileChange {
  readonly at: string;
  readonly recordedAt: string;
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly messageId: string;
  readonly source: string;
  /** `name@version` of the mapping that made the event. */
  readonly mapping: string;
}

/** An identifier's value and the profile it is in. */
export interface ListedIdentifier {
  readonly value: string;
  readonly profileId: ProfileId;
}

/** Reads profiles; the one place where fragments become people. */
export interface ProfileReader {
  /** The fragment that an identifier names; undefined for a profile id. It may have no events. */
  fragment(address: ProfileAddress): Promise<FragmentId | undefined>;
  read(address: ProfileAddress, moment?: Moment): Promise<ProfileView | undefined>;
  /** Newest first by event time, then source, then message id. */
  timeline(
    address: ProfileAddress,
    filter?: TimelineFilter,
    options?: PageOptions,
  ): Promise<Page<StoredEvent> | undefined>;
  /** Changes to traits, identifiers and consent, newest first. */
  history(address: ProfileAddress, options?: PageOptions): Promise<Page<ProfileChange> | undefined>;
  /** Values of an identifier type with their profiles; see `pageOfIdentifiers`. Throws `InvalidCursor`. */
  identifiers(type: string, options?: PageOptions): Promise<Page<ListedIdentifier>>;
}

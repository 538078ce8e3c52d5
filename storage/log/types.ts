import type { FragmentId, Identifier } from '../../domain/identity/identifier.ts';
import type { CanonicalEvent } from '../../domain/ingestion/event.ts';
import type { FragmentState } from '../../domain/profile/fragment.ts';

/** An event as the log keeps it: with the raw item it came from. */
export interface StoredEvent extends CanonicalEvent {
  readonly batchId: string;
  /** Place of the raw item in its batch. */
  readonly index: number;
}

/** The events of one append to one fragment. */
export interface Commit {
  readonly version: number;
  /** ISO 8601 UTC, never earlier than the commit before. */
  readonly recordedAt: string;
  readonly events: readonly StoredEvent[];
}

/** Commits since a fragment's snapshot, and what the snapshot weighs: what the next snapshot is decided by. */
export interface Tail {
  /** Bytes of the snapshot in force, 0 where there is none. */
  readonly snapshotBytes: number;
  readonly commits: number;
  readonly bytes: number;
}

/** Where a fragment's stream ends (version 0 where there is none): all that appending takes. */
export interface FragmentTip {
  readonly fragment: FragmentId;
  readonly version: number;
  readonly recordedAt: string | null;
  readonly tail: Tail;
}

/** A fragment as it stands: its end and its fold. */
export interface LoadedFragment extends FragmentTip {
  /** The batch that made the first commit. */
  readonly bornIn: string | null;
  readonly state: FragmentState;
}

/** What the message index says of one message id. */
export interface MessageEntry {
  readonly batchId: string;
  readonly index: number;
  /** Digest of the content, base64url, keyed. */
  readonly digest: string;
}

/** A message to look up or to claim. */
export interface MessageRef {
  readonly source: string;
  readonly messageId: string;
}

/** One event to append, with its claim on the message index. */
export interface AppendEvent {
  readonly event: StoredEvent;
  readonly digest: string;
  /** Epoch seconds; absent keeps the claim for good. */
  readonly dedupeUntil?: number;
}

/** An append to one fragment after the end it had when it was looked at. */
export interface AppendRequest {
  readonly tip: FragmentTip;
  readonly events: readonly AppendEvent[];
}

/** `conflict`: somebody else appended or claimed a message meanwhile; load, classify and try again. */
export type AppendResult =
  | { readonly status: 'appended'; readonly tip: FragmentTip }
  | { readonly status: 'conflict'; readonly fragment: FragmentId };

/**
 * The event log: per fragment an ordered stream of commits, each written once, with optimistic versions.
 * A commit and its message index entries are one transaction. Larger appends become several commits.
 */
export interface EventLog {
  /** The blind index of an identifier; the same for ever. Cached. */
  address(identifier: Identifier): FragmentId;
  /** Digest of a message's content for duplicate detection; `canonical` is from `domain/ingestion/content.ts`. */
  digest(canonical: string): string;
  load(fragments: readonly FragmentId[]): Promise<LoadedFragment[]>;
  /**
   * The ends of fragments, far cheaper than their folds. May be answered from memory, and be older than what another
   * process wrote: an append then conflicts.
   */
  tips(fragments: readonly FragmentId[]): Promise<FragmentTip[]>;
  /** In the order of `requests`; packs many fragments in a transaction, isolates those that conflict. */
  append(requests: readonly AppendRequest[]): Promise<AppendResult[]>;
  /** The identifier whose stream each fragment is, as its first commit has it; undefined where there is none to read. */
  identifiers(fragments: readonly FragmentId[]): Promise<(Identifier | undefined)[]>;
  lookup(messages: readonly MessageRef[]): Promise<(MessageEntry | undefined)[]>;
  /** Commits in order of version (or reverse), after `after`. Empty where the fragment's key is gone. */
  read(
    fragment: FragmentId,
    options?: { readonly after?: number; readonly limit?: number; readonly reverse?: boolean },
  ): Promise<Commit[]>;
  /** The random subject id that the archive knows the fragment by; undefined where there is no key. */
  subject(fragment: FragmentId): Promise<string | undefined>;
}

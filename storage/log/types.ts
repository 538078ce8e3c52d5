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
  /** Set where the commit says that earlier events hold no longer. */
  readonly correction?: Correction;
  /** The last correction up to this commit; absent where there was none. */
  readonly corrected?: number;
  /** Set where the commit leaves the fragment without any event in force. */
  readonly empties?: true;
  /** Events that a later correction took out of force; only where they were asked for. */
  readonly superseded?: readonly SupersededEvent[];
}

/** An event that held until a correction was recorded. */
export interface SupersededEvent {
  readonly event: StoredEvent;
  readonly until: string;
}

/** A raw item whose events on the fragment so far hold no longer. */
export interface SupersededItem {
  readonly batchId: string;
  readonly index: number;
  /** True where the item was turned away for good: it is in quarantine, or a duplicate. */
  readonly turnedAway: boolean;
}

/** What a commit takes back of the commits before it. */
export interface Correction {
  /** Names the run and the part of it; the same correction is appended once. */
  readonly cause: string;
  readonly supersedes: readonly SupersededItem[];
  /** The version of the correction before it, 0 where it is the first. */
  readonly before: number;
}

/** A correction to append to one fragment: what no longer holds, and the events that hold instead. */
export interface CorrectionRequest {
  readonly fragment: FragmentId;
  readonly cause: string;
  readonly supersedes: readonly SupersededItem[];
  readonly events: readonly StoredEvent[];
}

/** A message and the item that claims it. */
export interface ClaimRef extends MessageRef {
  readonly batchId: string;
  readonly index: number;
}

/** What corrections did to whether a fragment has events in force. */
export interface CorrectionEffect {
  readonly fragment: FragmentId;
  /** 1 where it has events and had none, -1 where it had and has none, 0 where that is as it was. */
  readonly change: number;
}

/** Commits since a fragment's snapshot, and what the snapshot weighs: what the next snapshot is decided by. */
export interface Tail {
  /** Bytes of the snapshot in force, 0 where there is none. */
  readonly snapshotBytes: number;
  readonly commits: number;
  readonly bytes: number;
  /** The version of the last correction; absent where there was none. */
  readonly corrected?: number;
  /** Set where no event is in force: the next one is the fragment's first again. */
  readonly isEmpty?: true;
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

/** One event to append, with what the message index is to say of it. */
export interface AppendEvent extends MessageEntry {
  readonly event: CanonicalEvent;
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

/** A commit and the fragment that it is of. */
export interface ScannedCommit {
  readonly fragment: FragmentId;
  readonly commit: Commit;
}

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
  /** Has ends in memory compared with the store's before they are answered again, where others may have appended meanwhile: to look costs less than an append that conflicts. */
  doubtTips(): void;
  /** In the order of `requests`; packs many fragments in a transaction, isolates those that conflict. */
  append(requests: readonly AppendRequest[]): Promise<AppendResult[]>;
  /** The identifier whose stream each fragment is, as its first commit has it; undefined where there is none to read. */
  identifiers(fragments: readonly FragmentId[]): Promise<(Identifier | undefined)[]>;
  lookup(messages: readonly MessageRef[]): Promise<(MessageEntry | undefined)[]>;
  /**
   * Appends corrections: what they take back holds no longer from then on, for whoever asks what is true or what was
   * known later. Again changes nothing and answers the same. Waits for no other writer: it begins anew after them.
   */
  correct(requests: readonly CorrectionRequest[]): Promise<CorrectionEffect[]>;
  /** Claims messages for their items, where nobody has; in the order of `events`, who holds each claim. */
  claim(events: readonly AppendEvent[]): Promise<MessageEntry[]>;
  /** Gives claims up, those that the items named hold. Again changes nothing. */
  forget(claims: readonly ClaimRef[]): Promise<void>;
  /**
   * Commits in order of version (or reverse), after `after`, with the events in force; with `superseded`, also those that
   * corrections took back. Empty where the fragment's key is gone.
   */
  read(
    fragment: FragmentId,
    options?: {
      readonly after?: number;
      readonly limit?: number;
      readonly reverse?: boolean;
      readonly superseded?: boolean;
    },
  ): Promise<Commit[]>;
  /** Every commit that can be read, with all its events; those of one fragment in order. What is appended meanwhile may show or not. */
  scan(): AsyncIterable<ScannedCommit>;
  /** The random subject id that the archive knows the fragment by; undefined where there is no key. */
  subject(fragment: FragmentId): Promise<string | undefined>;
}

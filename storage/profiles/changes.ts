import { canonicalJson, compareText } from '../../domain/canonical.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { shownBy } from '../../domain/ingestion/event.ts';
import { emptyState, evolve } from '../../domain/profile/fold.ts';
import type { FoldPolicy, ProfileState } from '../../domain/profile/state.ts';
import { ownValue } from '../../domain/record.ts';
import type { Commit, StoredEvent } from '../log/types.ts';
import type { ProfileChange } from './types.ts';

/** A change with its place in the order of a history. */
export interface PlacedChange {
  readonly place: readonly [recordedAt: string, fragment: FragmentId, order: string];
  readonly change: ProfileChange;
}

/** Digits of a number in a place, so that text order is its order. */
const ORDER_DIGITS = 12;
const pad = (number: number): string => String(number).padStart(ORDER_DIGITS, '0');

/**
 * What each event changed of traits, identifiers and consent, oldest first: the events folded in the order in which
 * they were recorded. An event that comes late may change nothing. `isMember` says whose identifiers are shown.
 */
export function changesOf(
  fragments: readonly { readonly fragment: FragmentId; readonly commits: readonly Commit[] }[],
  policy: FoldPolicy,
  isMember: (identifierKey: string) => boolean,
): PlacedChange[] {
  const commits = fragments
    .flatMap(({ fragment, commits: all }) => all.map((commit) => ({ fragment, commit })))
    .sort(
      (x, y) =>
        compareText(x.commit.recordedAt, y.commit.recordedAt) ||
        compareText(x.fragment, y.fragment) ||
        x.commit.version - y.commit.version,
    );
  const changes: PlacedChange[] = [];
  let state = emptyState;
  for (const { fragment, commit } of commits) {
    for (const [index, event] of commit.events.entries()) {
      const after = evolve(state, event, policy);
      const found = differences(state, after, event, isMember);
      for (const [nth, { path, before, now }] of found.entries()) {
        const { timestamp: at, messageId, source } = event;
        changes.push({
          place: [commit.recordedAt, fragment, `${pad(commit.version)}${pad(index)}${pad(nth)}`],
          change: { at, recordedAt: commit.recordedAt, path, before, after: now, messageId, source },
        });
      }
      state = after;
    }
  }
  return changes;
}

interface Difference {
  readonly path: string;
  readonly before: unknown;
  readonly now: unknown;
}

/** Only what the event names can have changed. */
function differences(
  before: ProfileState,
  after: ProfileState,
  event: StoredEvent,
  isMember: (identifierKey: string) => boolean,
): Difference[] {
  const found: Difference[] = [];
  const compare = (path: string, old: unknown, now: unknown): void => {
    if (canonicalJson(old) !== canonicalJson(now))
      found.push({ path, before: old ?? null, now: now ?? null });
  };
  for (const name of Object.keys(event.traits).sort(compareText))
    compare(`traits.${name}`, ownValue(before.traits, name)?.value, ownValue(after.traits, name)?.value);
  for (const { type, value } of shownBy(event)) {
    const key = `${type}:${value}`;
    if (isMember(key) && ownValue(before.identifiers, key) === undefined)
      compare(`identifiers.${type}`, null, value);
  }
  for (const purpose of new Set((event.consent ?? []).map((choice) => choice.purpose))) {
    const [old, now] = [ownValue(before.consent, purpose) ?? {}, ownValue(after.consent, purpose) ?? {}];
    for (const key of Object.keys(now).sort(compareText))
      compare(`consent.${purpose}.${key}`, ownValue(old, key)?.status, ownValue(now, key)?.status);
  }
  return found;
}

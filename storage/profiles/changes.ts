import { canonicalJson, compareText } from '../../domain/canonical.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { shownBy } from '../../domain/ingestion/event.ts';
import { emptyState, evolve, evolveAll } from '../../domain/profile/fold.ts';
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
 * they were recorded. An event that comes late may change nothing; a correction changes what its events and those that
 * it takes back name. `isMember` says whose identifiers are shown.
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
  let standing: Standing[] = [];
  for (const { fragment, commit } of commits) {
    const { recordedAt, version } = commit;
    const add = (after: ProfileState, told: readonly StoredEvent[], index: number): void => {
      for (const [nth, { event, path, before, now }] of differences(state, after, told, isMember).entries()) {
        const { timestamp: at, messageId, source, mapping } = event;
        changes.push({
          place: [recordedAt, fragment, `${pad(version)}${pad(index)}${pad(nth)}`],
          change: { at, recordedAt, path, before, after: now, messageId, source, mapping },
        });
      }
      state = after;
    };
    const told = [...commit.events, ...(commit.superseded ?? []).map(({ event }) => event)];
    if (commit.correction === undefined) {
      for (const [index, event] of told.entries()) add(evolve(state, event, policy), [event], index);
    } else {
      const taken = takenBy(commit.correction, fragment, standing);
      standing = standing.filter((stood) => !taken.has(stood));
      const after = evolveAll(emptyState, [...standing.map(({ event }) => event), ...told], policy);
      add(after, [...told, ...[...taken].map(({ event }) => event)], 0);
    }
    standing.push(...told.map((event) => ({ fragment, event })));
  }
  return changes;
}

/** An event that holds so far. */
interface Standing {
  readonly fragment: FragmentId;
  readonly event: StoredEvent;
}

function takenBy(
  { supersedes }: NonNullable<Commit['correction']>,
  at: FragmentId,
  standing: readonly Standing[],
): Set<Standing> {
  const items = new Set(supersedes.map(({ batchId, index }) => `${batchId}-${index}`));
  return new Set(
    standing.filter(({ fragment, event }) => fragment === at && items.has(`${event.batchId}-${event.index}`)),
  );
}

interface Difference {
  readonly event: StoredEvent;
  readonly path: string;
  readonly before: unknown;
  readonly now: unknown;
}

/** Only what the events name can have changed; each change is the first's that names it. */
function differences(
  before: ProfileState,
  after: ProfileState,
  events: readonly StoredEvent[],
  isMember: (identifierKey: string) => boolean,
): Difference[] {
  const found = new Map<string, Difference>();
  for (const event of events) {
    const compare = (path: string, old: unknown, now: unknown, key = path): void => {
      if (!found.has(key) && canonicalJson(old) !== canonicalJson(now))
        found.set(key, { event, path, before: old ?? null, now: now ?? null });
    };
    for (const name of Object.keys(event.traits).sort(compareText))
      compare(`traits.${name}`, ownValue(before.traits, name)?.value, ownValue(after.traits, name)?.value);
    for (const { type, value } of shownBy(event)) {
      const key = `${type}:${value}`;
      const shown = (state: ProfileState): string | null =>
        ownValue(state.identifiers, key) === undefined ? null : value;
      if (isMember(key)) compare(`identifiers.${type}`, shown(before), shown(after), `identifiers.${key}`);
    }
    for (const purpose of new Set((event.consent ?? []).map((choice) => choice.purpose))) {
      const [old, now] = [ownValue(before.consent, purpose) ?? {}, ownValue(after.consent, purpose) ?? {}];
      for (const key of [...new Set([...Object.keys(old), ...Object.keys(now)])].sort(compareText))
        compare(`consent.${purpose}.${key}`, ownValue(old, key)?.status, ownValue(now, key)?.status);
    }
  }
  return [...found.values()];
}

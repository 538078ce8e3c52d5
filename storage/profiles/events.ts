import { compareText } from '../../domain/canonical.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { Commit, EventLog, StoredEvent } from '../log/types.ts';
import type { Lru } from '../lru.ts';

/** Commits read at a time. */
const PAGE_COMMITS = 500;

/** One event with when its commit was recorded, and until when it held, where a correction took it back. */
export interface RecordedEvent {
  readonly event: StoredEvent;
  readonly recordedAt: string;
  readonly until?: string;
}

/** Whether an event was known at a moment and held then; whether it holds, where no moment is given. */
export function holdsAt({ recordedAt, until }: RecordedEvent, knownAt: string | undefined): boolean {
  if (knownAt === undefined) return until === undefined;
  return recordedAt <= knownAt && (until === undefined || until > knownAt);
}

/** A fragment's events in order of event time, source and message id, up to a version. */
export interface FragmentEvents {
  readonly version: number;
  readonly events: readonly RecordedEvent[];
}

/** A place in the order of a timeline. */
export type Place = readonly [timestamp: string, source: string, messageId: string];

/** Where an event stands in a timeline. */
export function placeOf({ timestamp, source, messageId }: StoredEvent): Place {
  return [timestamp, source, messageId];
}

/** Below zero where `a` is the earlier of the two. */
export function comparePlaces(a: Place, b: Place): number {
  return compareText(a[0], b[0]) || compareText(a[1], b[1]) || compareText(a[2], b[2]);
}

/** All commits of a fragment after a version, oldest first, with what corrections took back. */
export async function readCommits(log: EventLog, fragment: FragmentId, after = 0): Promise<Commit[]> {
  const commits: Commit[] = [];
  for (let from = after; ;) {
    const page = await log.read(fragment, { after: from, limit: PAGE_COMMITS, superseded: true });
    commits.push(...page);
    const last = page.at(-1);
    if (!last || page.length < PAGE_COMMITS) return commits;
    from = last.version;
  }
}

/**
 * The events of fragments, each fragment sorted. Events may come late, so order of commits is not order of time, and a
 * page needs the whole fragment; it is kept for a while, so that the next page, and the next commit, cost what is new.
 */
export async function sortedEvents(
  log: EventLog,
  cache: Lru<FragmentEvents>,
  fragments: readonly FragmentId[],
): Promise<FragmentEvents[]> {
  const loaded = await log.load(fragments);
  return Promise.all(
    loaded.map(async ({ fragment, version, state }) => {
      // Without its key a fragment has commits and no events: what is kept of it must go, too.
      const kept = state.profile.events === 0 ? undefined : cache.get(fragment);
      if (kept?.version === version) return kept;
      let known: FragmentEvents = kept && kept.version < version ? kept : { version: 0, events: [] };
      let commits = await readCommits(log, fragment, known.version);
      if (known.version > 0 && commits.some(({ correction }) => correction !== undefined)) {
        // What is kept does not know what was taken back since.
        known = { version: 0, events: [] };
        commits = await readCommits(log, fragment);
      }
      const fresh = commits.flatMap(recordedIn);
      const events = [...known.events, ...fresh].sort((x, y) =>
        comparePlaces(placeOf(x.event), placeOf(y.event)),
      );
      const extended = { version: commits.at(-1)?.version ?? known.version, events };
      if (state.profile.events > 0) cache.set(fragment, extended);
      return extended;
    }),
  );
}

function recordedIn({ events, superseded = [], recordedAt }: Commit): RecordedEvent[] {
  return [
    ...events.map((event) => ({ event, recordedAt })),
    ...superseded.map(({ event, until }) => ({ event, recordedAt, until })),
  ];
}

import { compareText } from '../../domain/canonical.ts';
import type { ProfileHead } from '../../domain/identity/evidence.ts';
import { parseIdentifierKey } from '../../domain/identity/identifier.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { emptyState, evolveAll } from '../../domain/profile/fold.ts';
import { mergeAll } from '../../domain/profile/merge.ts';
import type { FoldPolicy, ProfileState } from '../../domain/profile/state.ts';
import type { Page, PageOptions } from '../intake/types.ts';
import type { EventLog } from '../log/types.ts';
import { createLru } from '../lru.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import { changesOf } from './changes.ts';
import type { PlacedChange } from './changes.ts';
import { holdsAt, readCommits, sortedEvents } from './events.ts';
import type { FragmentEvents, RecordedEvent } from './events.ts';
import { pageOfIdentifiers } from './identifiers.ts';
import { findHead, fragmentOf } from './membership.ts';
import type { Membership } from './membership.ts';
import { pageOfEvents } from './timeline.ts';
import type { Moment, ProfileChange, ProfileReader, ProfileView, TimelineFilter } from './types.ts';

/** Fragments whose sorted events are kept in memory, and for how long: what erasure waits out. */
const CACHED_FRAGMENTS_MAX = 200;
const CACHE_LIFETIME_MS = 60_000;
const CHANGE_CURSOR_PARTS = 3;

/** What a reader stands on. `now` is in milliseconds; the system's clock where silent. */
export interface ReaderOptions extends Membership {
  readonly now?: () => number;
}

/** Opens a tenant's profiles for reading. */
export function createProfileReader(options: ReaderOptions): ProfileReader {
  const { log, registry, now = Date.now } = options;
  const cache = createLru<FragmentEvents>({ max: CACHED_FRAGMENTS_MAX, ttlMs: CACHE_LIFETIME_MS, now });
  const policyOf = async (): Promise<FoldPolicy> => (await registry.config()).fold;

  async function stateAt(head: ProfileHead, moment: Moment, policy: FoldPolicy): Promise<ProfileState> {
    const members = fragmentsOf(head);
    if (moment.asOf === undefined && moment.knownAt === undefined)
      return mergeAll(
        (await log.load(members)).map((fragment) => fragment.state.profile),
        policy,
      );
    const all = await sortedEvents(log, cache, members);
    const events = all
      .flatMap((fragment) => fragment.events)
      .filter((recorded) => isWithin(recorded, moment));
    return evolveAll(
      emptyState,
      events.map(({ event }) => event),
      policy,
    );
  }

  return {
    fragment: (address) => fragmentOf(options, address),
    read: async (address, given = {}) => {
      const moment = inMilliseconds(given);
      const head = await findHead(options, address, moment.knownAt);
      if (!head) return undefined;
      const folded = await stateAt(head, moment, await policyOf());
      const state = { ...folded, identifiers: membersOnly(folded, memberTest(head, log)) };
      return { head, state, completeSince: state.firstSeen } satisfies ProfileView;
    },
    timeline: async (address, given = {}, page = {}) => {
      const filter = inMilliseconds(given);
      const head = await findHead(options, address, filter.knownAt);
      if (!head) return undefined;
      return pageOfEvents(await sortedEvents(log, cache, fragmentsOf(head)), filter, page);
    },
    identifiers: (type, page = {}) => pageOfIdentifiers(options, type, page),
    history: async (address, page = {}) => {
      const head = await findHead(options, address, undefined);
      if (!head) return undefined;
      const policy = await policyOf();
      const fragments = await Promise.all(
        fragmentsOf(head).map(async (fragment) => ({ fragment, commits: await readCommits(log, fragment) })),
      );
      return pageOfChanges(changesOf(fragments, policy, memberTest(head, log)), page);
    },
  };
}

/** Times as events have them, so that they compare as text whatever precision a caller gave. */
function inMilliseconds<T extends TimelineFilter>(given: T): T {
  const times: Record<string, string> = {};
  for (const name of ['asOf', 'knownAt', 'from', 'to'] as const) {
    const time = Date.parse(given[name] ?? '');
    if (!Number.isNaN(time)) times[name] = new Date(time).toISOString();
  }
  return { ...given, ...times };
}

function fragmentsOf(head: ProfileHead): FragmentId[] {
  return head.members.map((member) => member.fragment);
}

function isWithin(recorded: RecordedEvent, { asOf, knownAt }: Moment): boolean {
  return (asOf === undefined || recorded.event.timestamp <= asOf) && holdsAt(recorded, knownAt);
}

/** An event may show an identifier that was refused: it belongs to somebody else, or to nobody yet. */
function memberTest(head: ProfileHead, log: Pick<EventLog, 'address'>): (key: string) => boolean {
  const members = new Set(fragmentsOf(head));
  return (key) => {
    const identifier = parseIdentifierKey(key);
    return identifier !== undefined && members.has(log.address(identifier));
  };
}

function membersOnly(state: ProfileState, isMember: (key: string) => boolean): ProfileState['identifiers'] {
  return Object.fromEntries(Object.entries(state.identifiers).filter(([key]) => isMember(key)));
}

/** A page of changes, newest first. Throws `InvalidCursor`. */
function pageOfChanges(changes: readonly PlacedChange[], options: PageOptions): Page<ProfileChange> {
  const limit = pageLimit(options.limit);
  const before = options.cursor === undefined ? undefined : decodeCursor(options.cursor, CHANGE_CURSOR_PARTS);
  const older = changes.filter(({ place }) => before === undefined || comparePlaces(place, before) < 0);
  const items = older.slice(Math.max(0, older.length - limit)).reverse();
  const last = items.at(-1);
  const cursor = last && older.length > items.length ? encodeCursor(last.place) : null;
  return { items: items.map(({ change }) => change), cursor };
}

function comparePlaces(a: readonly string[], b: readonly string[]): number {
  for (const [index, part] of a.entries()) {
    const order = compareText(part, b[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

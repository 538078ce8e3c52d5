import { compareText } from '../../domain/canonical.ts';
import type { GraphNode, ProfileHead } from '../../domain/identity/evidence.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import { parseIdentifierKey } from '../../domain/identity/identifier.ts';
import type { ProfileDirectory } from '../identity/types.ts';
import type { Page, PageOptions } from '../intake/types.ts';
import type { EventLog } from '../log/types.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import type { ListedIdentifier } from './types.ts';

/** Profiles looked at for one page, however few of them have the type: bounds the time that a page takes. */
const PROFILES_MAX = 10_000;
/** Profiles read at once. */
const HEADS_MIN = 100;
const HEADS_MAX = 1_000;
const CURSOR_PARTS = 3;
/** Stands in a cursor for what there is none of. */
const NONE = '-';

interface Place {
  /** The last profile that was read before the one that is next. */
  readonly after: string;
  /** Where the page ended within a profile. */
  readonly profile: string;
  readonly fragment: string;
}

interface Found {
  readonly head: ProfileHead;
  readonly node: GraphNode;
  readonly place: Place;
}

/**
 * A page of the values of an identifier type with the profiles they are in, in the order of the store: each fragment is
 * in one profile, so each value comes once, unless its profile is merged or split while the pages are read. A page may
 * hold less than its limit, or nothing, and still have a next one. Throws `InvalidCursor`.
 */
export async function pageOfIdentifiers(
  { directory, log }: { readonly directory: ProfileDirectory; readonly log: EventLog },
  type: string,
  options: PageOptions,
): Promise<Page<ListedIdentifier>> {
  const limit = pageLimit(options.limit);
  const from = options.cursor === undefined ? undefined : placeIn(options.cursor);
  const items: ListedIdentifier[] = [];
  let after = from === undefined || from.after === NONE ? undefined : from.after;
  for (let read = 0; read < PROFILES_MAX;) {
    const wanted = Math.min(HEADS_MAX, Math.max(HEADS_MIN, limit - items.length));
    const page = await directory.heads({ ...(after === undefined ? {} : { after }), limit: wanted });
    const found = page.heads
      .flatMap((head, i) => membersOf(head, type, page.heads[i - 1]?.profileId ?? after ?? NONE))
      .filter(({ place }) => from?.profile !== place.profile || place.fragment > from.fragment);
    const values = await valuesOf(log, found);
    for (const { head, node, place } of found) {
      const value = values.get(node.fragment);
      if (value !== undefined) items.push({ value, profileId: head.profileId });
      if (items.length === limit) return { items, cursor: cursorOf(place) };
    }
    if (page.next === null) return { items, cursor: null };
    after = page.next;
    read += wanted;
  }
  return { items, cursor: cursorOf({ after: after ?? NONE, profile: NONE, fragment: NONE }) };
}

function cursorOf({ after, profile, fragment }: Place): string {
  return encodeCursor([after, profile, fragment]);
}

function placeIn(cursor: string): Place {
  const [after = NONE, profile = NONE, fragment = NONE] = decodeCursor(cursor, CURSOR_PARTS);
  return { after, profile, fragment };
}

function membersOf(head: ProfileHead, type: string, after: ProfileId): Found[] {
  return head.members
    .filter((node) => node.type === type)
    .sort((x, y) => compareText(x.fragment, y.fragment))
    .map((node) => ({ head, node, place: { after, profile: head.profileId, fragment: node.fragment } }));
}

/**
 * The values of fragments. One with events of its own names itself; another was seen on the events of a fragment that
 * evidence, in force or refused, connects it with.
 */
async function valuesOf(log: EventLog, found: readonly Found[]): Promise<Map<FragmentId, string>> {
  const values = new Map<FragmentId, string>();
  const own = await log.identifiers(found.map(({ node }) => node.fragment));
  found.forEach(({ node }, i) => {
    const identifier = own[i];
    if (identifier !== undefined) values.set(node.fragment, identifier.value);
  });
  const isOpen = ({ node }: Found): boolean => !values.has(node.fragment);
  // The earliest event that showed it nearly always tells; where its fragment was erased, another may.
  for (const lookAt of [(found: Found) => witnessesOf(found).slice(0, 1), witnessesOf, membersBeside])
    await readWitnesses(log, found.filter(isOpen), lookAt, values);
  return values;
}

async function readWitnesses(
  log: EventLog,
  open: readonly Found[],
  lookAt: (found: Found) => readonly FragmentId[],
  values: Map<FragmentId, string>,
): Promise<void> {
  const witnesses = new Set(open.flatMap(lookAt));
  if (witnesses.size === 0) return;
  const wanted = new Set(open.map(({ node }) => node.fragment));
  const types = new Set(open.map(({ node }) => node.type));
  for (const { state } of await log.load([...witnesses])) {
    for (const key of Object.keys(state.evidence)) {
      const identifier = parseIdentifierKey(key);
      if (identifier === undefined || !types.has(identifier.type)) continue;
      const fragment = log.address(identifier);
      if (wanted.has(fragment)) values.set(fragment, identifier.value);
    }
  }
}

/** Fragments whose events showed this one, earliest first. */
function witnessesOf({ head, node }: Found): FragmentId[] {
  return [...head.links, ...head.refused.map((refusal) => refusal.evidence)]
    .filter(({ a, b, rule }) => rule === 'same-event' && [a.fragment, b.fragment].includes(node.fragment))
    .sort((x, y) => compareText(x.firstSeen, y.firstSeen))
    .map(({ a, b }) => (a.fragment === node.fragment ? b.fragment : a.fragment));
}

function membersBeside({ head, node }: Found): FragmentId[] {
  return head.members.map(({ fragment }) => fragment).filter((fragment) => fragment !== node.fragment);
}

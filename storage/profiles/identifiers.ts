import { compareText } from '../../domain/canonical.ts';
import type { ProfileHead } from '../../domain/identity/evidence.ts';
import type { ProfileId } from '../../domain/identity/identifier.ts';
import type { ProfileDirectory } from '../identity/types.ts';
import type { Page, PageOptions } from '../intake/types.ts';
import type { EventLog } from '../log/types.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import { valuesOf } from './fragment-values.ts';
import type { PlacedFragment } from './fragment-values.ts';
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

interface Found extends PlacedFragment {
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

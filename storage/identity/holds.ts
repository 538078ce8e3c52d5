import { fragmentsOfHold, holdsAt } from '../../domain/identity/holds.ts';
import type { Hold, HoldKind } from '../../domain/identity/holds.ts';
import type { IdentityRules, ProfileHead } from '../../domain/identity/evidence.ts';
import type { Page, PageOptions } from '../intake/types.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import type { Group } from './plan.ts';
import type { ProfileDirectory } from './types.ts';

/** Profiles looked at for one page, however few have anything on hold: bounds the time that a page takes. */
const PROFILES_MAX = 10_000;
const HEADS_READ = 500;
const CURSOR_PARTS = 2;
/** Stands after every hold of a profile. */
const PAST_ALL = '~';

/** A hold and the profile it was found at. */
export interface PlacedHold {
  readonly head: ProfileHead;
  readonly hold: Hold;
}

type Trusting = Pick<IdentityRules, 'trust'>;
type Directory = Pick<ProfileDirectory, 'heads' | 'head' | 'profileOf'>;

/**
 * A page of what is on hold, in the order of the store, read off the profiles. A page may hold less than its limit, or
 * nothing, and still have a next one. Throws `InvalidCursor`.
 */
export async function pageOfHolds(
  directory: Directory,
  rules: Trusting,
  options: PageOptions & { readonly kind?: HoldKind },
): Promise<Page<PlacedHold>> {
  const limit = pageLimit(options.limit);
  const [from, past = ''] = options.cursor === undefined ? [] : decodeCursor(options.cursor, CURSOR_PARTS);
  const items: PlacedHold[] = [];
  /** Whether the page is full; what does not fit is left to the next. */
  const take = async (head: ProfileHead, beyond = ''): Promise<boolean> => {
    for (const hold of holdsAt(head, rules)) {
      if (hold.id <= beyond || (options.kind !== undefined && hold.kind !== options.kind)) continue;
      if (!(await isToldHere({ directory, rules }, head, hold))) continue;
      items.push({ head, hold });
      if (items.length === limit) return true;
    }
    return false;
  };
  const endingHere = (): string | null => {
    const last = items.at(-1);
    return last ? encodeCursor([last.head.profileId, last.hold.id]) : null;
  };
  if (from !== undefined && past !== PAST_ALL) {
    const head = await directory.head(from);
    // One that was merged away meanwhile is read where it is now.
    if (head?.profileId === from && (await take(head, past))) return { items, cursor: endingHere() };
  }
  let after = from;
  for (let read = 0; read < PROFILES_MAX; read += HEADS_READ) {
    const page = await directory.heads({ limit: HEADS_READ, ...(after === undefined ? {} : { after }) });
    for (const head of page.heads) if (await take(head)) return { items, cursor: endingHere() };
    if (page.next === null) return { items, cursor: null };
    after = page.next;
  }
  return { items, cursor: after === undefined ? null : encodeCursor([after, PAST_ALL]) };
}

/** The hold of an id; undefined where there is none, or none any more. */
export async function findHold(
  directory: Pick<ProfileDirectory, 'profileOf'>,
  rules: Trusting,
  id: string,
): Promise<PlacedHold | undefined> {
  // The end that a crowd touches keeps the strongest pieces alone: the other has the rest.
  for (const fragment of fragmentsOfHold(id)) {
    const head = await directory.profileOf(fragment);
    const hold = head && holdsAt(head, rules).find((candidate) => candidate.id === id);
    if (head && hold) return { head, hold };
  }
  return undefined;
}

/** What comes on hold by these changes, each once: a held piece is mostly of two groups. */
export function newHolds(groups: readonly Group[], rules: Trusting): HoldKind[] {
  const steps = groups.flatMap((group) => group.steps);
  const before = new Set(
    steps.flatMap(({ previous }) => (previous ? holdsAt(previous.head, rules) : [])).map(idOf),
  );
  const now = new Map(
    steps.flatMap(({ next }) => holdsAt(next.head, rules)).map((hold) => [hold.id, hold.kind]),
  );
  return [...now].filter(([id]) => !before.has(id)).map(([, kind]) => kind);
}

function idOf({ id }: Hold): string {
  return id;
}

/** A held piece that both ends keep is told where its first end is. */
async function isToldHere(
  { directory, rules }: { readonly directory: Directory; readonly rules: Trusting },
  head: ProfileHead,
  { id }: Hold,
): Promise<boolean> {
  const [first] = fragmentsOfHold(id);
  if (first === undefined || head.members.some(({ fragment }) => fragment === first)) return true;
  const other = await directory.profileOf(first);
  return other === undefined || !holdsAt(other, rules).some((hold) => hold.id === id);
}

import type { Evidence, GraphNode } from '../../domain/identity/evidence.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { compareStamps } from '../../domain/profile/stamp.ts';
import type { Stamp } from '../../domain/profile/state.ts';
import type { IdentityCorrection } from '../../storage/identity/types.ts';
import { shownBy } from '../../domain/ingestion/event.ts';
import type { StoredEvent } from '../../storage/log/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { inParallel } from './common.ts';
import type { Pair } from './types.ts';

/** Fragments read at once. */
const READS_MAX = 16;

/** A fragment's events in force, and up to which commit they were read. */
export interface ReadFragment {
  readonly version: number;
  readonly events: readonly StoredEvent[];
}

type Store = Pick<TenantStore, 'log'>;

/** Reads fragments as they stand. */
export async function readFragments(
  { log }: Store,
  fragments: Iterable<FragmentId>,
): Promise<Map<FragmentId, ReadFragment>> {
  const wanted = [...new Set(fragments)];
  const read = await inParallel(wanted, READS_MAX, async (fragment): Promise<[FragmentId, ReadFragment]> => {
    const commits = await log.read(fragment);
    return [
      fragment,
      { version: commits.at(-1)?.version ?? 0, events: commits.flatMap(({ events }) => events) },
    ];
  });
  return new Map(read);
}

/** The earliest event of a source that shows a pair of identifiers, over both their fragments. */
function firstShown(
  { log }: Store,
  [a, b]: Pair,
  source: string,
  read: ReadonlyMap<FragmentId, ReadFragment>,
): Stamp | undefined {
  let first: Stamp | undefined;
  for (const [here, there] of [
    [a, b],
    [b, a],
  ] as const) {
    for (const event of read.get(here.fragment)?.events ?? []) {
      const { timestamp: at, source: of, messageId } = event;
      if (of !== source) continue;
      const stamp = { at, source, messageId };
      if (first !== undefined && compareStamps(first, stamp) <= 0) continue;
      const [, ...others] = shownBy(event);
      if (others.some((other) => log.address(other) === there.fragment)) first = stamp;
    }
  }
  return first;
}

/**
 * What the events in force say of pairs of identifiers, in place of whatever was known of them, and which of the nodes
 * have no event any more.
 */
export function correctionOf(
  store: Store,
  about: {
    readonly source: string;
    readonly nodes: readonly GraphNode[];
    readonly pairs: readonly Pair[];
    readonly blocked: ReadonlySet<FragmentId>;
  },
  read: ReadonlyMap<FragmentId, ReadFragment>,
): IdentityCorrection {
  const { source, pairs, blocked } = about;
  const withdrawn: Evidence[] = [];
  const evidence: Evidence[] = [];
  for (const pair of pairs) {
    const [a, b] = pair;
    const known = { a, b, rule: 'same-event' as const, source };
    withdrawn.push({ ...known, firstSeen: '', messageId: '' });
    const shown = firstShown(store, pair, source, read);
    if (shown !== undefined) evidence.push({ ...known, firstSeen: shown.at, messageId: shown.messageId });
  }
  // What names nobody has no profile: evidence about it is kept at the other end.
  const ends = [...about.nodes, ...pairs.flat()].filter(({ fragment }) => !blocked.has(fragment));
  const nodes = new Map(ends.map((node) => [node.fragment, node]));
  const empty = [...nodes.keys()].filter((fragment) => read.get(fragment)?.events.length === 0);
  return { nodes: [...nodes.values()], withdrawn, evidence, empty: new Set(empty), blocked };
}

/** What events that came while evidence was being taken back say: the pump may have been told that it is known. */
export async function cameMeanwhile(
  { log }: Store,
  read: ReadonlyMap<FragmentId, ReadFragment>,
  source: string,
): Promise<{
  readonly nodes: GraphNode[];
  readonly evidence: Evidence[];
  readonly blocked: ReadonlySet<FragmentId>;
}> {
  const nodes: GraphNode[] = [];
  const blocked = new Set<FragmentId>();
  const evidence: Evidence[] = [];
  await inParallel([...read], READS_MAX, async ([fragment, { version }]) => {
    for (const { events } of await log.read(fragment, { after: version })) {
      for (const event of events) {
        const { timestamp: firstSeen, source: of, messageId } = event;
        const [strongest, ...others] = shownBy(event);
        for (const identifier of event.blocked ?? []) blocked.add(log.address(identifier));
        if (strongest === undefined) continue;
        const a = { fragment, type: strongest.type };
        nodes.push(a);
        if (of !== source) continue;
        for (const other of others) {
          const b = { fragment: log.address(other), type: other.type };
          if (!blocked.has(b.fragment)) nodes.push(b);
          evidence.push({ a, b, rule: 'same-event', firstSeen, source, messageId });
        }
      }
    }
  });
  return { nodes, evidence, blocked };
}

import { compareText } from '../../domain/canonical.ts';
import type { GraphNode, ProfileHead } from '../../domain/identity/evidence.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { parseIdentifierKey } from '../../domain/identity/identifier.ts';
import type { EventLog } from '../log/types.ts';

/** A fragment and the profile that knows of it, as a member or at the other end of evidence. */
export interface PlacedFragment {
  readonly head: ProfileHead;
  readonly node: GraphNode;
}

/**
 * The values of fragments. One with events of its own names itself; another was seen on the events of a fragment that
 * evidence, in force or refused, connects it with.
 */
export async function valuesOf(
  log: EventLog,
  found: readonly PlacedFragment[],
): Promise<Map<FragmentId, string>> {
  const values = new Map<FragmentId, string>();
  const own = await log.identifiers(found.map(({ node }) => node.fragment));
  found.forEach(({ node }, i) => {
    const identifier = own[i];
    if (identifier !== undefined) values.set(node.fragment, identifier.value);
  });
  const isOpen = ({ node }: PlacedFragment): boolean => !values.has(node.fragment);
  // The earliest event that showed it nearly always tells; where its fragment was erased, another may.
  for (const lookAt of [
    (found: PlacedFragment) => witnessesOf(found).slice(0, 1),
    witnessesOf,
    membersBeside,
  ])
    await readWitnesses(log, found.filter(isOpen), lookAt, values);
  return values;
}

async function readWitnesses(
  log: EventLog,
  open: readonly PlacedFragment[],
  lookAt: (found: PlacedFragment) => readonly FragmentId[],
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
function witnessesOf({ head, node }: PlacedFragment): FragmentId[] {
  return [...head.links, ...head.refused.map((refusal) => refusal.evidence)]
    .filter(({ a, b, rule }) => rule === 'same-event' && [a.fragment, b.fragment].includes(node.fragment))
    .sort((x, y) => compareText(x.firstSeen, y.firstSeen))
    .map(({ a, b }) => (a.fragment === node.fragment ? b.fragment : a.fragment));
}

function membersBeside({ head, node }: PlacedFragment): FragmentId[] {
  return head.members.map(({ fragment }) => fragment).filter((fragment) => fragment !== node.fragment);
}

import type { EventLog, StoredEvent } from '../../../storage/log/types.ts';
import { appendOf } from './events.ts';

/** Opens a log on storage, the way a process does. */
export type OpenLog = () => Promise<EventLog>;

/** Groups events by the fragment of their first identifier. */
function byFragment(log: EventLog, events: readonly StoredEvent[]): Map<string, StoredEvent[]> {
  const groups = new Map<string, StoredEvent[]>();
  for (const event of events) {
    const fragment = log.address(event.identifiers[0]!);
    groups.set(fragment, [...(groups.get(fragment) ?? []), event]);
  }
  return groups;
}

/** Appends events the way the pump does: load, drop what the message index knows, append, again on conflict. */
export async function appendExactly(log: EventLog, events: readonly StoredEvent[]): Promise<void> {
  let left = [...events];
  for (let round = 0; left.length > 0; round++) {
    if (round > 200) throw new Error('appending never came to an end');
    const known = await log.lookup(left);
    left = left.filter((_, i) => known[i] === undefined);
    const groups = byFragment(log, left);
    const loaded = await log.load([...groups.keys()]);
    const requests = loaded.map((fragment) => appendOf(log, fragment, groups.get(fragment.fragment) ?? []));
    const results = await log.append(requests);
    left = requests.flatMap((request, i) =>
      results[i]?.status === 'conflict' ? (groups.get(request.tip.fragment) ?? []) : [],
    );
  }
}

/** Message ids in a fragment's log, in order. */
export async function storedIds(log: EventLog, fragment: string): Promise<string[]> {
  return (await log.read(fragment)).flatMap((commit) => commit.events.map(({ messageId }) => messageId));
}

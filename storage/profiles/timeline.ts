import type { Page, PageOptions } from '../intake/types.ts';
import type { StoredEvent } from '../log/types.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import { comparePlaces, holdsAt, placeOf } from './events.ts';
import type { FragmentEvents, Place, RecordedEvent } from './events.ts';
import type { TimelineFilter } from './types.ts';

const CURSOR_PARTS = 3;

/** A page of the events of several fragments, newest first. Throws `InvalidCursor`. */
export function pageOfEvents(
  fragments: readonly FragmentEvents[],
  filter: TimelineFilter,
  options: PageOptions,
): Page<StoredEvent> {
  const limit = pageLimit(options.limit);
  const before = options.cursor === undefined ? undefined : placeIn(options.cursor);
  const streams = fragments
    .map(({ events }) => ({ events, next: startOf(events, filter, before) }))
    .filter(({ next }) => next >= 0);
  const items: StoredEvent[] = [];
  for (;;) {
    let newest: (typeof streams)[number] | undefined;
    for (const stream of streams)
      if (newest === undefined || isNewer(headOf(stream), headOf(newest))) newest = stream;
    const head = newest && headOf(newest);
    if (!newest || !head || (filter.from !== undefined && head.event.timestamp < filter.from))
      return { items, cursor: null };
    if (passes(head, filter)) {
      const last = items.at(-1);
      if (last && items.length === limit) return { items, cursor: encodeCursor(placeOf(last)) };
      items.push(head.event);
    }
    newest.next--;
  }
}

function placeIn(cursor: string): Place {
  const [timestamp = '', source = '', messageId = ''] = decodeCursor(cursor, CURSOR_PARTS);
  return [timestamp, source, messageId];
}

interface Stream {
  readonly events: readonly RecordedEvent[];
  next: number;
}

function headOf(stream: Stream): RecordedEvent | undefined {
  return stream.events[stream.next];
}

function isNewer(left: RecordedEvent | undefined, right: RecordedEvent | undefined): boolean {
  if (!left || !right) return left !== undefined;
  return comparePlaces(placeOf(left.event), placeOf(right.event)) > 0;
}

/** The last event that comes before the cursor, `to` and `asOf`, by bisection; -1 where there is none. */
function startOf(
  events: readonly RecordedEvent[],
  filter: TimelineFilter,
  before: Place | undefined,
): number {
  const isPast = ({ event }: RecordedEvent): boolean =>
    (before !== undefined && comparePlaces(placeOf(event), before) >= 0) ||
    (filter.to !== undefined && event.timestamp >= filter.to) ||
    (filter.asOf !== undefined && event.timestamp > filter.asOf);
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = events[middle];
    if (at && isPast(at)) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}

function passes(recorded: RecordedEvent, filter: TimelineFilter): boolean {
  const { event } = recorded;
  return (
    holdsAt(recorded, filter.knownAt) &&
    (filter.event === undefined || event.event === filter.event) &&
    (filter.source === undefined || event.source === filter.source) &&
    (filter.messageId === undefined || event.messageId === filter.messageId)
  );
}

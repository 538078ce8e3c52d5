import { decodeJson, encodeJson } from '../json.ts';
import type { Item, Key, WriteOp } from '../ports.ts';
import type { BatchOutcome, HourCounts } from './types.ts';

/** Characters of `YYYY-MM-DDTHH`. */
const HOUR_CHARS = 13;
const HOUR_MS = 3_600_000;
/** Hours are kept for so long: what a year is compared with. */
const KEPT_SECONDS = 400 * 86_400;

/** The hour (UTC) that a batch was received in, as the counts are kept by. */
export function hourOf(receivedAt: string): string {
  return receivedAt.slice(0, HOUR_CHARS);
}

/** The partition of a source's hours. */
export function hoursOf(source: string): string {
  return `hours/${source}`;
}

/** Where a lane's counts of an hour stand once a later one is open. */
export function hourKey(source: string, lane: number, hour: string): Key {
  return { pk: hoursOf(source), sk: `${hour}/${String(lane)}` };
}

function nothing(hour: string): HourCounts {
  return {
    hour,
    items: 0,
    stored: 0,
    duplicates: 0,
    quarantined: 0,
    events: 0,
    reasons: {},
    lastReceivedAt: '',
  };
}

function addReasons(
  to: HourCounts['reasons'],
  by: Readonly<Record<string, number>> = {},
): HourCounts['reasons'] {
  const sum: Record<string, number> = { ...to };
  for (const [code, count] of Object.entries(by)) sum[code] = (sum[code] ?? 0) + count;
  return sum;
}

function addOutcome(to: HourCounts, by: BatchOutcome): HourCounts {
  const { header, stored, duplicates, quarantined, events, reasons, lastReceivedAt = '' } = by;
  return {
    hour: to.hour,
    items: to.items + header.items,
    stored: to.stored + stored,
    duplicates: to.duplicates + duplicates,
    quarantined: to.quarantined + quarantined,
    events: to.events + events,
    reasons: reasons === undefined ? to.reasons : addReasons(to.reasons, reasons),
    lastReceivedAt: lastReceivedAt > to.lastReceivedAt ? lastReceivedAt : to.lastReceivedAt,
    ...addClock(to, by.clock),
  };
}

function addClock(to: HourCounts, clock: BatchOutcome['clock']): Pick<HourCounts, 'clock'> {
  if (clock === undefined) return to.clock === undefined ? {} : { clock: to.clock };
  const { items, sumMs, maxMs } = to.clock ?? { items: 0, sumMs: 0, maxMs: 0 };
  return {
    clock: {
      items: items + clock.items,
      sumMs: sumMs + clock.sumMs,
      maxMs: Math.max(maxMs, clock.maxMs),
    },
  };
}

/** What a lane holds of hours once more of its batches are completed. */
export interface CountedHour {
  /** The latest hour, kept in the lane's own counters: the next batches are most often of it, and write one item less. */
  readonly open: HourCounts;
  /** What goes into an item of its own: the hour that was open until now, or batches of one before it. */
  readonly apart?: HourCounts;
}

/** Counts outcomes, all of one lane and hour, beside the hour that is open. */
export function countHour(
  open: HourCounts | undefined,
  hour: string,
  outcomes: readonly BatchOutcome[],
): CountedHour {
  let counts = nothing(hour);
  for (const outcome of outcomes) counts = addOutcome(counts, outcome);
  if (open === undefined) return { open: counts };
  if (open.hour === hour) return { open: merged(open, counts) };
  return open.hour < hour ? { open: counts, apart: open } : { open, apart: counts };
}

/** The write that adds counts to the item that their hour has of its own. */
export function hourOp(key: Key, counts: HourCounts, item: Item | undefined): WriteOp {
  const version = item?.version ?? 0;
  const value = item === undefined ? counts : merged(decodeJson<HourCounts>(item.value), counts);
  return {
    kind: 'put',
    ...key,
    version: version + 1,
    value: encodeJson(value),
    expiresAt: Math.floor((Date.parse(`${counts.hour}:00:00Z`) + HOUR_MS) / 1_000) + KEPT_SECONDS,
    expect: item === undefined ? 'absent' : version,
  };
}

/** The sum of two counts of one hour. */
export function merged(a: HourCounts, b: HourCounts): HourCounts {
  return {
    hour: a.hour,
    items: a.items + b.items,
    stored: a.stored + b.stored,
    duplicates: a.duplicates + b.duplicates,
    quarantined: a.quarantined + b.quarantined,
    events: a.events + b.events,
    reasons: addReasons(a.reasons, b.reasons),
    lastReceivedAt: a.lastReceivedAt > b.lastReceivedAt ? a.lastReceivedAt : b.lastReceivedAt,
    ...addClock(a, b.clock),
  };
}

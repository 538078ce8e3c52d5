import { decodeJson, encodeJson } from '../json.ts';
import type { Item, Key, Table, WriteOp } from '../ports.ts';
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

/** Where a lane's counts of an hour stand. */
export function hourKey(source: string, lane: number, hour: string): Key {
  return { pk: `hours/${source}`, sk: `${hour}/${String(lane)}` };
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

/** The write that adds outcomes, all of one lane and hour, to what the hour holds. */
export function hourOp(
  key: Key,
  hour: string,
  item: Item | undefined,
  outcomes: readonly BatchOutcome[],
): WriteOp {
  let counts = item === undefined ? nothing(hour) : decodeJson<HourCounts>(item.value);
  for (const outcome of outcomes) counts = addOutcome(counts, outcome);
  const version = item?.version ?? 0;
  return {
    kind: 'put',
    ...key,
    version: version + 1,
    value: encodeJson(counts),
    expiresAt: Math.floor((Date.parse(`${hour}:00:00Z`) + HOUR_MS) / 1_000) + KEPT_SECONDS,
    expect: item === undefined ? 'absent' : version,
  };
}

/** Counts of a source by the hour (UTC) in which its items were received, oldest first; hours without any are left out. */
export async function readHours(
  table: Table,
  source: string,
  range: { readonly from: string; readonly to: string },
): Promise<HourCounts[]> {
  const hours = new Map<string, HourCounts>();
  const bounds = { pk: `hours/${source}`, from: hourOf(range.from), to: `${hourOf(range.to)}0` };
  for (let after: string | undefined; ;) {
    const page = await table.query({ ...bounds, ...(after === undefined ? {} : { after }) });
    for (const item of page) {
      const lane = decodeJson<HourCounts>(item.value);
      const known = hours.get(lane.hour);
      hours.set(lane.hour, known === undefined ? lane : merged(known, lane));
    }
    after = page.at(-1)?.sk;
    if (page.length < 1_000 || after === undefined) return [...hours.values()];
  }
}

/** The counts of two lanes in one hour. */
function merged(a: HourCounts, b: HourCounts): HourCounts {
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

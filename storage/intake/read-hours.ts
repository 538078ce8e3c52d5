import { decodeJson } from '../json.ts';
import type { Item, Table } from '../ports.ts';
import { countersOf, READ_ROUNDS_MAX, type LaneCounts } from './counts.ts';
import { hourOf, hoursOf, merged } from './hours.ts';
import type { HourCounts } from './types.ts';

/** Hours, inclusive. */
interface Hours {
  readonly from: string;
  readonly to: string;
}

/** The hours that have items of their own, lane by lane. */
async function apart(table: Table, source: string, { from, to }: Hours): Promise<HourCounts[]> {
  const bounds = { pk: hoursOf(source), from, to: `${to}0` };
  const items: Item[] = [];
  for (;;) {
    const after = items.at(-1)?.sk;
    const page = await table.query({ ...bounds, ...(after === undefined ? {} : { after }) });
    items.push(...page);
    if (page.length < 1_000) return items.map(({ value }) => decodeJson<HourCounts>(value));
  }
}

/** The open hours of a source's lanes, by lane. */
async function opened(table: Table, source: string, { from, to }: Hours): Promise<Map<string, HourCounts>> {
  const open = new Map<string, HourCounts>();
  for (const { sk, value } of await countersOf(table, source)) {
    const { hour } = decodeJson<LaneCounts>(value);
    if (hour !== undefined && hour.hour >= from && hour.hour <= to) open.set(sk, hour);
  }
  return open;
}

function areSame(a: ReadonlyMap<string, HourCounts>, b: ReadonlyMap<string, HourCounts>): boolean {
  return a.size === b.size && [...a].every(([lane, { hour }]) => b.get(lane)?.hour === hour);
}

/**
 * Counts of a source by the hour (UTC) in which its items were received, oldest first; hours without any are left out. A lane
 * leaves an hour for later ones alone, so where the same hours are open before and after the others were read, none went
 * from one to the other meanwhile.
 */
export async function readHours(
  table: Table,
  source: string,
  range: { readonly from: string; readonly to: string },
): Promise<HourCounts[]> {
  const within: Hours = { from: hourOf(range.from), to: hourOf(range.to) };
  let before = await opened(table, source, within);
  for (let round = 1; ; round++) {
    const others = await apart(table, source, within);
    const after = await opened(table, source, within);
    if (areSame(before, after) || round === READ_ROUNDS_MAX) return summed([...others, ...after.values()]);
    before = after;
  }
}

function summed(counts: readonly HourCounts[]): HourCounts[] {
  const hours = new Map<string, HourCounts>();
  for (const one of counts) {
    const known = hours.get(one.hour);
    hours.set(one.hour, known === undefined ? one : merged(known, one));
  }
  return [...hours.values()].sort((a, b) => (a.hour < b.hour ? -1 : 1));
}

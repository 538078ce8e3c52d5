import { ConditionFailed, StoreUnavailable } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Item, Table, WriteOp } from '../ports.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import { readDecided } from './decided.ts';
import { countHour, hourKey, hourOf, hourOp } from './hours.ts';
import type { Lanes } from './lanes.ts';
import { PENDING_VERSION, pendingItemsOf, pendingKey } from './pending.ts';
import type { BatchOutcome, HourCounts, SourceCounts, TenantCounts } from './types.ts';

/** The partition of the counters. */
export const COUNTS = 'counts';
/** Two operations of each transaction may be counters: the lane's own, and those of an hour that is not the latest. */
const BATCHES_PER_WRITE = WRITE_OPS_MAX - 2;
/** Rounds against other writers of the same counters; a lane has one pump, so a second round is rare. */
const COMPLETE_ROUNDS_MAX = 50;
/** Reads of counts that a completion fell into, before answering one that may lag by it. */
export const READ_ROUNDS_MAX = 25;

/** What a lane's completed batches add up to. */
export interface LaneCounts {
  readonly source: string;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly events: number;
  readonly fragments: number;
  readonly profiles: number;
  /** The latest hour alone; those before it have items of their own. */
  readonly hour?: HourCounts;
}

/** Without the hour. */
function add(to: LaneCounts, by: LaneCounts | BatchOutcome): LaneCounts {
  return {
    source: to.source,
    stored: to.stored + by.stored,
    duplicates: to.duplicates + by.duplicates,
    quarantined: to.quarantined + by.quarantined,
    events: to.events + by.events,
    fragments: to.fragments + by.fragments,
    profiles: to.profiles + by.profiles,
  };
}

const zero = (source: string): LaneCounts => ({
  source,
  stored: 0,
  duplicates: 0,
  quarantined: 0,
  events: 0,
  fragments: 0,
  profiles: 0,
});

/** Removes pending entries and adds their counts, all of one lane and hour, in one transaction. */
async function completeSome(table: Table, outcomes: readonly BatchOutcome[]): Promise<void> {
  const first = outcomes[0]?.header;
  if (first === undefined) return;
  const key = { pk: COUNTS, sk: `${first.source}/${String(first.lane)}` };
  const received = hourOf(first.receivedAt);
  for (let round = 0; round < COMPLETE_ROUNDS_MAX; round++) {
    const [counts, ...entries] = await table.getMany([
      key,
      ...outcomes.map(({ header }) => pendingKey(header)),
    ]);
    const pending = outcomes.filter((_, i) => entries[i] !== undefined);
    if (pending.length === 0) return;
    const before = counts === undefined ? zero(first.source) : decodeJson<LaneCounts>(counts.value);
    let total = before;
    for (const outcome of pending) total = add(total, outcome);
    const { open, apart } = countHour(before.hour, received, pending);
    const version = counts?.version ?? 0;
    const ops: WriteOp[] = [
      {
        kind: 'put',
        ...key,
        version: version + 1,
        value: encodeJson({ ...total, hour: open }),
        expect: counts === undefined ? 'absent' : version,
      },
      ...pending.map(({ header }): WriteOp => ({
        kind: 'delete',
        ...pendingKey(header),
        expect: PENDING_VERSION,
      })),
    ];
    if (apart !== undefined) {
      const ownKey = hourKey(first.source, first.lane, apart.hour);
      ops.push(hourOp(ownKey, apart, await table.get(ownKey)));
    }
    try {
      await table.write(ops);
      return;
    } catch (error) {
      // Another pump of the lane got in between: see what is left to do.
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  throw new StoreUnavailable('the counters of a lane, which other writers keep changing,');
}

/** Removes pending entries and adds their counts; batches that were completed before change nothing. */
export async function completeBatches(table: Table, outcomes: readonly BatchOutcome[]): Promise<void> {
  const lanes = new Map<string, Map<string, BatchOutcome>>();
  for (const outcome of outcomes) {
    const { pk, sk } = pendingKey(outcome.header);
    const name = `${pk} ${hourOf(outcome.header.receivedAt)}`;
    const lane = lanes.get(name) ?? new Map<string, BatchOutcome>();
    lane.set(sk, outcome);
    lanes.set(name, lane);
  }
  for (const lane of lanes.values()) {
    const all = [...lane.values()];
    for (let i = 0; i < all.length; i += BATCHES_PER_WRITE) {
      await completeSome(table, all.slice(i, i + BATCHES_PER_WRITE));
    }
  }
}

/** The counters, or those of one source. */
export async function countersOf(table: Table, source?: string): Promise<Item[]> {
  // In the order of bytes "0" is next to "/".
  const bounds = source === undefined ? {} : { from: `${source}/`, to: `${source}0` };
  const items: Item[] = [];
  for (;;) {
    const after = items.at(-1)?.sk;
    const page = await table.query({ pk: COUNTS, ...bounds, ...(after === undefined ? {} : { after }) });
    items.push(...page);
    if (page.length < 1_000) return items;
  }
}

function sameVersions(a: readonly Item[], b: readonly Item[]): boolean {
  const names = (items: readonly Item[]): string =>
    items.map(({ sk, version }) => `${sk}@${version}`).join(' ');
  return names(a) === names(b);
}

/**
 * Counts of everything. A completion moves a batch from pending to the counters in one transaction, so counters that
 * read the same before and after the pending entries belong to them.
 */
export async function readCounts(table: Table, lanes: Lanes): Promise<TenantCounts> {
  let before = await countersOf(table);
  for (let round = 1; ; round++) {
    const pending = new Map<string, number>();
    for (const { source, lane } of await lanes.list()) {
      const items = await pendingItemsOf(table, source, lane);
      pending.set(source, (pending.get(source) ?? 0) + items);
    }
    const after = await countersOf(table);
    if (sameVersions(before, after) || round === READ_ROUNDS_MAX) {
      const counts = summed(before, pending);
      return { ...counts, profiles: counts.profiles + (await readDecided(table)) };
    }
    before = after;
  }
}

function summed(items: readonly Item[], pending: ReadonlyMap<string, number>): TenantCounts {
  let tenant = zero('');
  const bySource = new Map<string, LaneCounts>();
  for (const source of pending.keys()) bySource.set(source, zero(source));
  for (const item of items) {
    const lane = decodeJson<LaneCounts>(item.value);
    bySource.set(lane.source, add(bySource.get(lane.source) ?? zero(lane.source), lane));
    tenant = add(tenant, lane);
  }
  const sources: Record<string, SourceCounts> = {};
  for (const [source, { stored, duplicates, quarantined }] of bySource) {
    const waiting = pending.get(source) ?? 0;
    const received = stored + duplicates + quarantined + waiting;
    sources[source] = { received, stored, duplicates, quarantined, pending: waiting };
  }
  return { profiles: tenant.profiles, fragments: tenant.fragments, events: tenant.events, sources };
}

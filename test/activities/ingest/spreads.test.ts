import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { IngestActivities } from '../../../activities/ingest/index.ts';
import { KnownSpreads } from '../../../activities/ingest/spreads.ts';
import type { Spread } from '../../../domain/ingestion/raw.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { ConditionFailed } from '../../../storage/errors.ts';
import type { Storage } from '../../../storage/ports.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { track } from '../../support/segment.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { activitiesOn, append, pumpWith, tenantOn } from '../tenant.ts';

const PEOPLE = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay'];
const spread = (second: number, lanes = 2): Spread => ({ lanes, since: `2026-01-01T00:00:0${second}.000Z` });

/** Of the log: writes that were refused, and ranges that were read. */
interface Seen {
  refused: number;
  ranges: number;
}

function watched(storage: Storage, seen: Seen): Storage {
  const { log } = storage;
  return {
    ...storage,
    log: {
      ...{
        get: (key) => log.get(key),
        getMany: (keys) => log.getMany(keys),
        query: (range) => log.query(range),
      },
      queryMany: (ranges) => {
        seen.ranges += ranges.length;
        return log.queryMany(ranges);
      },
      write: async (ops) => {
        try {
          await log.write(ops);
        } catch (error) {
          if (error instanceof ConditionFailed) seen.refused += 1;
          throw error;
        }
      },
      ...{ scan: (prefix, after) => log.scan(prefix, after), close: () => log.close() },
    },
  };
}

describe('pumps of a source that is spread over lanes from time to time', () => {
  let storage: TestStorage;
  let store: TenantStore;
  let seen: Seen;
  /** A thread for each lane, with caches of its own. */
  let threads: IngestActivities[];

  beforeEach(async () => {
    const [embedded] = storageSets;
    assert.ok(embedded);
    storage = await embedded.open();
    seen = { refused: 0, ranges: 0 };
    store = await tenantOn(storage, 0, 2);
    const stores = [0, 1].map(() => tenantOn(watched(storage, seen), 1_000, 2));
    threads = (await Promise.all(stores)).map((own) => activitiesOn(own));
  });

  afterEach(async () => {
    await storage.close();
  });

  const takeIn = (people: readonly string[], lane: number, how?: Spread): Promise<string> =>
    append(
      store,
      people.map((userId) => track('Seen', { userId }) as JsonObject),
      { lane, spread: how },
    );

  async function pump(lane: number): Promise<void> {
    const thread = threads[lane];
    assert.ok(thread);
    await pumpWith(thread, lane);
  }

  /** Events of everybody, half of them in each lane where they are spread. */
  async function everybody(how?: Spread): Promise<void> {
    if (how === undefined) {
      await takeIn(PEOPLE, 0);
      await pump(0);
      return;
    }
    for (const lane of [0, 1]) {
      await takeIn(
        PEOPLE.filter((_, at) => at % 2 === lane),
        lane,
        how,
      );
      await pump(lane);
    }
  }

  it('are refused nothing as it goes over more lanes and back, again and again', async () => {
    for (const second of [1, 2, 3]) {
      await everybody();
      await everybody(spread(second));
      await everybody(spread(second));
    }
    await everybody();
    assert.equal(seen.refused, 0);
    const { events, profiles } = await store.batches.counts();
    assert.deepEqual([events, profiles], [10 * PEOPLE.length, PEOPLE.length]);
  });

  it('are refused nothing where the change is within what they take at once', async () => {
    await everybody(spread(1));
    await everybody();
    await takeIn([], 1, spread(1));
    await takeIn(PEOPLE.slice(0, 3), 1, spread(2));
    await pump(1);
    assert.equal(seen.refused, 0);
  });

  it('read of the people that they know nothing again while nothing changes, also started anew', async () => {
    await everybody();
    seen.ranges = 0;
    for (let round = 0; round < 3; round++) await everybody();
    assert.equal(seen.ranges, 0);
    await everybody(spread(1));
    seen.ranges = 0;
    for (let round = 0; round < 3; round++) await everybody(spread(1));
    assert.equal(seen.ranges, 0);
  });
});

describe('how batches were spread', () => {
  const header = (how?: Spread, lane = 0, source = 'web') => ({
    ...{ batchId: 'b', source, lane, mapping: 'segment', items: 1, receivedAt: '2026-01-01T00:00:00.000Z' },
    ...(how && { spread: how }),
  });

  it('outdates what is remembered where their lanes or the time it began are others, lane by lane', () => {
    const spreads = new KnownSpreads();
    assert.equal(spreads.hear([]), false);
    assert.equal(spreads.hear([header(), header()]), false);
    assert.equal(spreads.hear([header(spread(1))]), false);
    assert.equal(spreads.hear([header(spread(1))]), false);
    assert.equal(spreads.hear([header(undefined, 1), header(undefined, 0, 'pos')]), false);
    assert.equal(spreads.hear([header(spread(1), 1)]), false);
    assert.equal(spreads.hear([header(spread(1)), header(), header(spread(1))]), true);
    assert.equal(spreads.hear([header(spread(2)), header(spread(2))]), true);
    assert.equal(spreads.hear([header(spread(2, 4))]), true);
    assert.equal(spreads.hear([header()]), true);
    assert.equal(spreads.hear([header()]), false);
  });

  it('outdates nothing as one lane becomes several', () => {
    const spreads = new KnownSpreads();
    for (const second of [1, 2, 3]) {
      assert.equal(spreads.hear([header(), header(spread(second))]), second > 1);
      assert.equal(spreads.hear([header(spread(second))]), false);
    }
  });

  it('is the same where gateways that began at different times take turns', () => {
    const spreads = new KnownSpreads();
    assert.equal(spreads.hear([header(spread(1))]), false);
    assert.equal(spreads.hear([header(spread(2))]), true);
    for (let turn = 0; turn < 3; turn++)
      for (const second of [1, 2]) assert.equal(spreads.hear([header(spread(second))]), false);
  });
});

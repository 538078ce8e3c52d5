import assert from 'node:assert/strict';
import type { BatchHeader } from '../../../domain/ingestion/raw.ts';
import { StoreUnavailable } from '../../../storage/errors.ts';
import type { BatchOutcome, BatchStore, HourCounts } from '../../../storage/intake/types.ts';
import { decodeJson, encodeJson } from '../../../storage/json.ts';
import type { Storage, Table } from '../../../storage/ports.ts';
import { storageSets } from '../../support/storage-sets.ts';
import { failing } from '../failing.ts';
import { openBatches } from './open-batches.ts';

const DAY = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-01T23:59:59.999Z' };
const at = (hour: number, minute = 0): string => new Date(Date.UTC(2026, 10, 1, hour, minute)).toISOString();

async function append(batches: BatchStore, items: number, receivedAt: string, lane = 0, source = 'web') {
  const lines = Array.from({ length: items }, (_, n) => JSON.stringify({ body: { n }, receivedAt }));
  const { header } = await batches.append({ source, lane, mapping: 'segment', items, receivedAt }, lines);
  return header;
}

function outcome(header: BatchHeader): BatchOutcome {
  const { items, receivedAt } = header;
  return {
    ...{ header, stored: items - 1, duplicates: 0, quarantined: 1, events: items, fragments: 1, profiles: 1 },
    ...{ reasons: { bad: 1 }, lastReceivedAt: receivedAt },
    clock: { items, sumMs: items * 10, maxMs: items },
  };
}

/** Takes in one batch for each of these, an hour and how many items, and completes it. */
async function take(batches: BatchStore, ...all: (readonly [hour: number, items: number])[]): Promise<void> {
  for (const [hour, items] of all) await batches.complete([outcome(await append(batches, items, at(hour)))]);
}

const items = (hours: readonly HourCounts[]): [hour: number, items: number][] =>
  hours.map(({ hour, items: count }) => [Number(hour.slice(-2)), count]);

/** A storage that runs `task` right before the n-th read of its intake table, from 1. */
function interrupted(storage: Storage, n: number, task: () => Promise<void>) {
  let reads = 0;
  const before = async <T>(read: () => Promise<T>): Promise<T> => {
    reads += 1;
    if (reads === n) await task();
    return read();
  };
  const { intake } = storage;
  const table: Table = {
    ...{ get: (key) => before(() => intake.get(key)), query: (range) => before(() => intake.query(range)) },
    getMany: (keys) => before(() => intake.getMany(keys)),
    queryMany: (ranges) => before(() => intake.queryMany(ranges)),
    write: (ops) => intake.write(ops),
    scan: (prefix, after) => intake.scan(prefix, after),
    close: () => intake.close(),
  };
  return { storage: { ...storage, intake: table }, reads: () => reads };
}

for (const set of storageSets) {
  describe(`hours of a source on ${set.name}`, function () {
    this.timeout(60_000);
    let storage: Awaited<ReturnType<typeof set.open>>;
    let batches: BatchStore;
    beforeEach(async () => {
      storage = await set.open();
      batches = openBatches(storage);
    });
    afterEach(() => storage.close());

    const hours = async (): Promise<[number, number][]> => items(await batches.hours('web', DAY));
    const ofTheirOwn = async (): Promise<string[]> =>
      (await storage.intake.query({ pk: 'hours/web' })).map(({ sk }) => sk);

    it('come oldest first, of all lanes, late ones too, and within the range alone', async () => {
      await take(batches, [9, 4], [9, 2], [11, 3], [10, 5], [9, 7], [11, 1]);
      await batches.complete([outcome(await append(batches, 6, at(10), 1))]);
      await batches.complete([outcome(await append(batches, 8, at(10), 0, 'web-2'))]);
      assert.deepEqual(await hours(), [
        [9, 13],
        [10, 11],
        [11, 4],
      ]);
      assert.deepEqual(items(await batches.hours('web', { from: at(10), to: at(10, 59) })), [[10, 11]]);
      assert.deepEqual(items(await batches.hours('web', { from: at(11), to: at(12) })), [[11, 4]]);
      assert.deepEqual(await batches.hours('web', { from: at(12), to: at(13) }), []);
      const { received, quarantined } = (await batches.counts()).sources['web'] ?? {};
      assert.deepEqual([received, quarantined], [28, 7]);
    });

    it('add up what is counted of them, wherever it stands', async () => {
      const first = await append(batches, 4, at(9, 10));
      const second = await append(batches, 2, at(9, 50));
      await batches.complete([outcome(first)]);
      await take(batches, [10, 3]);
      await batches.complete([outcome(second)]);
      const [hour] = await batches.hours('web', DAY);
      assert.deepEqual(hour, {
        hour: '2026-11-01T09',
        ...{ items: 6, stored: 4, duplicates: 0, quarantined: 2, events: 6, reasons: { bad: 2 } },
        ...{ lastReceivedAt: at(9, 50), clock: { items: 6, sumMs: 60, maxMs: 4 } },
      });
    });

    it('cost no write of their own until a later one begins', async () => {
      await take(batches, [9, 4]);
      const header = await append(batches, 2, at(9));
      const before = storage.meter.read()['intake.write.units'] ?? 0;
      await batches.complete([outcome(header)]);
      assert.equal((storage.meter.read()['intake.write.units'] ?? 0) - before, 4);
      assert.deepEqual(await ofTheirOwn(), []);
      await take(batches, [10, 1]);
      assert.deepEqual(await ofTheirOwn(), ['2026-11-01T09/0']);
    });

    it('are completed in hundreds of batches at a time, of several hours', async () => {
      const headers: BatchHeader[] = [];
      for (let n = 0; n < 230; n++) headers.push(await append(batches, 2, at(9 + Math.floor(n / 100))));
      const outcomes = headers.map(outcome);
      const other = openBatches(storage);
      await Promise.all([batches.complete(outcomes), other.complete([...outcomes].reverse())]);
      assert.deepEqual(await hours(), [
        [9, 200],
        [10, 200],
        [11, 60],
      ]);
    });

    it('are read exactly once while a later one begins, whenever that is', async () => {
      for (let n = 1; ; n++) {
        const source = `s${String(n)}`;
        const fill = async (hour: number, count: number): Promise<void> =>
          batches.complete([outcome(await append(batches, count, at(hour), 0, source))]);
        await fill(8, 5);
        await fill(9, 4);
        const reader = interrupted(storage, n, async () => {
          await fill(10, 3);
          await fill(11, 2);
        });
        const seen = items(await openBatches(reader.storage).hours(source, DAY));
        assert.deepEqual(seen.slice(0, 2), [
          [8, 5],
          [9, 4],
        ]);
        if (reader.reads() < n) {
          assert.ok(n > 3, 'nothing came in between');
          return;
        }
      }
    });

    for (const moment of ['before', 'after'] as const) {
      it(`count each batch once when any one call of a change of hour fails ${moment} its effect`, async () => {
        for (let n = 1; ; n++) {
          const source = `s${String(n)}`;
          await batches.complete([outcome(await append(batches, 4, at(9), 0, source))]);
          const header = await append(batches, 3, at(10), 0, source);
          const faulty = failing(storage, n, moment);
          const store = openBatches(faulty.storage);
          try {
            await store.complete([outcome(header)]);
          } catch (error) {
            assert.ok(error instanceof StoreUnavailable, String(error));
            const isDone = (await batches.stillPending([header])) === 0;
            assert.deepEqual(
              items(await batches.hours(source, DAY)),
              isDone
                ? [
                    [9, 4],
                    [10, 3],
                  ]
                : [[9, 4]],
            );
            await store.complete([outcome(header)]);
          }
          assert.deepEqual(items(await batches.hours(source, DAY)), [
            [9, 4],
            [10, 3],
          ]);
          assert.equal((await batches.counts()).sources[source]?.received, 7);
          if (faulty.calls() < n) {
            assert.ok(n > 3, 'no call failed');
            return;
          }
        }
      });
    }

    it('go on from counters that know of no hour, beside hours that were all kept apart', async () => {
      const hour = { hour: '2026-11-01T09', items: 5, stored: 5, duplicates: 0, quarantined: 0, events: 5 };
      const lane = { source: 'web', stored: 5, duplicates: 0, quarantined: 0 };
      await storage.intake.write([
        {
          ...{ kind: 'put', pk: 'counts', sk: 'web/0', version: 7 },
          value: encodeJson({ ...lane, events: 5, fragments: 1, profiles: 1 }),
        },
        {
          ...{ kind: 'put', pk: 'hours/web', sk: '2026-11-01T09/0', version: 7 },
          value: encodeJson({ ...hour, reasons: {}, lastReceivedAt: '' }),
        },
      ]);
      assert.deepEqual(await hours(), [[9, 5]]);
      await take(batches, [9, 4]);
      assert.deepEqual(await hours(), [[9, 9]]);
      await take(batches, [10, 3]);
      assert.deepEqual(await hours(), [
        [9, 9],
        [10, 3],
      ]);
      const [own] = await storage.intake.query({ pk: 'hours/web' });
      assert.equal(own && decodeJson<HourCounts>(own.value).items, 9);
      assert.equal((await batches.counts()).sources['web']?.received, 12);
    });
  });
}

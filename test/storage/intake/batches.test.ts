import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { BatchHeader } from '../../../domain/ingestion/raw.ts';
import { StoreUnavailable } from '../../../storage/errors.ts';
import type { BatchOutcome, BatchStore, DuplicateEntry } from '../../../storage/intake/types.ts';
import { announceAll } from '../../../storage/intake/pending.ts';
import { InvalidCursor } from '../../../storage/page.ts';
import { storageSets } from '../../support/storage-sets.ts';
import { failing } from '../failing.ts';
import { openBatches } from './open-batches.ts';

const receivedAt = '2026-11-01T10:00:00.000Z';
/** More pending batches than are read at a time. */
const BACKLOG = 1_500;
/** Reads that say which of two lanes have any: the lanes, and an entry or two of each. */
const READS_MAX = 10;

const asked = (source: string, lane = 0, batchId?: string) => ({
  source,
  lane,
  mapping: 'segment',
  items: 0,
  receivedAt,
  ...(batchId !== undefined && { batchId }),
});
const line = (n: number): string =>
  JSON.stringify({ body: { messageId: `m${n}`, text: 'a\nb' }, receivedAt });
const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => line(i));

function outcome(header: BatchHeader, duplicates = 0, quarantined = 0): BatchOutcome {
  const stored = header.items - duplicates - quarantined;
  return { header, stored, duplicates, quarantined, events: stored, fragments: 1, profiles: 1 };
}

for (const set of storageSets) {
  describe(`batch store on ${set.name}`, function () {
    this.timeout(60_000);
    let storage: Awaited<ReturnType<typeof set.open>>;
    let batches: BatchStore;
    beforeEach(async () => {
      storage = await set.open();
      batches = openBatches(storage);
    });
    afterEach(() => storage.close());

    it('reads items back, one by one too, and keeps them sealed', async () => {
      const { header } = await batches.append(asked('web'), lines(3));
      assert.equal(header.items, 3);
      const items = lines(3).map((text) => JSON.parse(text) as unknown);
      assert.deepEqual(await batches.read(header), items);
      assert.deepEqual(await batches.readItem('web', 0, header.batchId, 2), items[2]);
      assert.equal(await batches.readItem('web', 0, header.batchId, 3), undefined);
      assert.equal(await batches.readItem('web', 0, '01JDC9X8A2B3C4D5E6F7G8H9JK', 0), undefined);
      const bytes = await storage.blobs.get(`raw/web/0/${header.batchId}`);
      assert.ok(bytes !== undefined && !Buffer.from(bytes).includes('messageId'));
    });

    it('lists pending batches oldest first, by lane, also when the clock steps back', async () => {
      let now = Date.now();
      const store = openBatches(storage, () => (now -= 50));
      const appended = [];
      for (let i = 0; i < 5; i++) appended.push((await store.append(asked('web', 1), lines(i + 1))).header);
      const first = (await store.append(asked('pos'), lines(7))).header;
      assert.deepEqual(await store.pending('web', 1, 100), appended);
      assert.deepEqual(await store.pending('web', 1, 2), appended.slice(0, 2));
      assert.deepEqual(await store.pendingLanes(), [
        { source: 'pos', lane: 0, oldest: first },
        { source: 'web', lane: 1, oldest: appended[0] },
      ]);
    });

    it('reads one entry a lane to say which lanes have any, and counts a long backlog in turns of the event loop', async () => {
      const { header } = await batches.append(asked('web'), lines(2));
      const backlog = Array.from({ length: BACKLOG }, (_, n) => ({
        ...header,
        batchId: `${header.batchId.slice(0, -10)}${String(n).padStart(10, '0')}`,
      }));
      await announceAll(storage.intake, backlog);
      await batches.append(asked('pos'), lines(1));
      const reads = (): number => storage.meter.read()['intake.read.items'] ?? 0;
      const before = reads();
      assert.equal((await batches.pendingLanes()).length, 2);
      assert.ok(reads() - before < READS_MAX, `${reads() - before} entries were read`);
      let turned = false;
      const turn = setImmediate().then(() => (turned = true));
      const { web } = (await batches.counts()).sources;
      assert.ok(turned, 'nothing else ran meanwhile');
      await turn;
      assert.equal(web?.pending, 2 * (BACKLOG + 1));
    });

    it('asks for a wake while no pump runs, and not while one does', async () => {
      assert.equal((await batches.append(asked('web'), lines(1))).needsWake, true);
      await batches.setLane('web', 0, 'pumping');
      assert.equal((await batches.append(asked('web'), lines(1))).needsWake, false);
      assert.equal((await batches.append(asked('web', 1), lines(1))).needsWake, true);
      await batches.setLane('web', 0, 'idle');
      assert.equal((await batches.append(asked('web'), lines(1))).needsWake, true);
    });

    it('never leaves a batch without a pump that sees it or a caller who wakes one', async () => {
      for (let i = 0; i < 30; i++) {
        await batches.setLane('web', 0, 'pumping');
        // The pump's end: it says that it is idle, then looks for the last time.
        const pump = (async () => {
          await batches.setLane('web', 0, 'idle');
          return batches.pending('web', 0, 10);
        })();
        const [{ header, needsWake }, seen] = await Promise.all([
          batches.append(asked('web'), lines(1)),
          pump,
        ]);
        assert.ok(needsWake || seen.some(({ batchId }) => batchId === header.batchId));
        await batches.complete([outcome(header)]);
      }
    });

    it('announces a batch with a chosen id once, with the bytes of the first, even after it was drained', async () => {
      const id = '01JDC9X8A2B3C4D5E6F7G8H9JK';
      const first = await batches.append(asked('pos', 0, id), lines(2));
      const again = await batches.append(asked('pos', 0, id), lines(9));
      assert.deepEqual(again.header, first.header);
      assert.deepEqual(await batches.pending('pos', 0, 10), [first.header]);
      await batches.complete([outcome(first.header)]);
      await batches.append(asked('pos', 0, id), lines(2));
      assert.deepEqual(await batches.pending('pos', 0, 10), []);
      assert.equal((await batches.counts()).sources['pos']?.received, 2);
    });

    it('moves items from pending to their outcomes, once', async () => {
      const a = (await batches.append(asked('web'), lines(10))).header;
      const b = (await batches.append(asked('web'), lines(5))).header;
      const c = (await batches.append(asked('pos'), lines(3))).header;
      await batches.complete([outcome(a, 2, 1), outcome(c)]);
      await batches.complete([outcome(a, 2, 1)]);
      assert.deepEqual(await batches.pending('web', 0, 10), [b]);
      assert.deepEqual(await batches.counts(), {
        profiles: 2,
        fragments: 2,
        events: 10,
        sources: {
          pos: { received: 3, stored: 3, duplicates: 0, quarantined: 0, pending: 0 },
          web: { received: 15, stored: 7, duplicates: 2, quarantined: 1, pending: 5 },
        },
      });
    });

    it('completes hundreds of batches, and two completers of one lane do not disturb each other', async () => {
      const headers = await Promise.all(
        Array.from({ length: 230 }, async () => (await batches.append(asked('web'), lines(2))).header),
      );
      const other = openBatches(storage);
      const outcomes = headers.map((header) => outcome(header, 1));
      await Promise.all([batches.complete(outcomes), other.complete([...outcomes].reverse())]);
      const web = (await batches.counts()).sources['web'];
      assert.deepEqual(web, { received: 460, stored: 230, duplicates: 230, quarantined: 0, pending: 0 });
    });

    it('answers counts that add up and never shrink while batches come and go', async () => {
      const writing = { done: false };
      const writer = (async () => {
        for (let i = 0; i < 40; i++) {
          const { header } = await batches.append(asked('web'), lines(3));
          await batches.complete([outcome(header, 1)]);
        }
        writing.done = true;
      })();
      const reader = openBatches(storage);
      let last = 0;
      let reads = 0;
      do {
        // Embedded reads never leave the turn of the event loop; the writer needs one.
        await setImmediate();
        const web = (await reader.counts()).sources['web'];
        if (web === undefined) continue;
        const { received, stored, duplicates, quarantined, pending } = web;
        assert.equal(received, stored + duplicates + quarantined + pending);
        assert.ok(received >= last && received % 3 === 0, `${received} after ${last}`);
        last = received;
        reads += 1;
      } while (!writing.done);
      await writer;
      assert.ok(reads > 0);
      assert.equal((await reader.counts()).sources['web']?.received, 120);
    });

    for (const moment of ['before', 'after'] as const) {
      it(`counts each batch once when any one call fails ${moment} its effect`, async () => {
        let received = 0;
        for (let n = 1; ; n++) {
          const faulty = failing(storage, n, moment);
          const store = openBatches(faulty.storage);
          const id = `01JDC9X8A2B3C4D5E6F7${String(n).padStart(6, '0')}`;
          const twice = async <T>(call: () => Promise<T>): Promise<T> => {
            try {
              return await call();
            } catch (error) {
              assert.ok(error instanceof StoreUnavailable, String(error));
              return call();
            }
          };
          const { header } = await twice(() => store.append(asked('web', 0, id), lines(4)));
          await twice(() => store.complete([outcome(header, 1)]));
          received += 4;
          const web = (await batches.counts()).sources['web'];
          assert.deepEqual([web?.received, web?.pending], [received, 0]);
          if (faulty.calls() < n) {
            assert.ok(n > 5, 'no call failed');
            return;
          }
        }
      });
    }

    it('lists duplicates newest first, each once, in pages, and refuses a foreign cursor', async () => {
      const entry = (batch: number, index: number): DuplicateEntry => ({
        source: 'web',
        messageId: `m${index}`,
        batchId: `01JDC9X8A2B3C4D5E6F7G8H9J${batch}`,
        index,
        receivedAt,
        first: { batchId: '01JDC9X8A2B3C4D5E6F7G8H900', index: 1 },
      });
      const all = [0, 1, 2].flatMap((batch) => [3, 499, 500, 1_700].map((index) => entry(batch, index)));
      await batches.addDuplicates(all.slice(0, 7));
      await batches.addDuplicates(all);
      await batches.addDuplicates([]);
      const newest = [...all].reverse();
      assert.deepEqual(await batches.duplicates('web'), { items: newest, cursor: null });
      const paged: DuplicateEntry[] = [];
      let cursor: string | null = null;
      do {
        const page = await batches.duplicates('web', { limit: 5, ...(cursor !== null && { cursor }) });
        paged.push(...page.items);
        cursor = page.cursor;
      } while (cursor !== null);
      assert.deepEqual(paged, newest);
      assert.deepEqual(await batches.duplicates('pos'), { items: [], cursor: null });
      for (const bad of ['!', 'bm90IGpzb24', Buffer.from('["a"]').toString('base64url')]) {
        await assert.rejects(batches.duplicates('web', { cursor: bad }), InvalidCursor);
      }
    });
  });
}

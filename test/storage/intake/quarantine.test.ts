import assert from 'node:assert/strict';
import type { RawItem } from '../../../domain/ingestion/raw.ts';
import { createBatchStore } from '../../../storage/intake/batches.ts';
import { QuarantineNotFound, QuarantineTooDeep } from '../../../storage/intake/quarantine-release.ts';
import { createQuarantineStore } from '../../../storage/intake/quarantine.ts';
import type { BatchStore, QuarantineEntry, QuarantineStore } from '../../../storage/intake/types.ts';
import { InvalidCursor } from '../../../storage/page.ts';
import type { Storage } from '../../../storage/ports.ts';
import { createVault } from '../../../storage/vault/vault.ts';
import { storageSets } from '../../support/storage-sets.ts';
import { failing } from '../failing.ts';

const tenant = 'acme';
const receivedAt = '2026-11-01T10:00:00.000Z';
const now = Date.parse('2026-12-01T10:00:00.000Z');

function open(storage: Storage): { batches: BatchStore; quarantine: QuarantineStore } {
  const options = { tenant, storage, vault: createVault({ tenant, storage }), now: () => now };
  const batches = createBatchStore(options);
  return { batches, quarantine: createQuarantineStore({ ...options, batches }) };
}

function entry(source: string, batchId: string, index: number, code = 'invalid'): QuarantineEntry {
  const reason = { code, detail: 'userId: must be a text' };
  return {
    id: `${batchId}-${index}`,
    source,
    lane: 0,
    batchId,
    index,
    messageId: `ann@example.org-${index}`,
    reason,
    quarantinedAt: '2026-11-01T10:00:01.000Z',
    status: 'held',
  };
}

const id = (n: number): string => `01JDC9X8A2B3C4D5E6F7G8${String(n).padStart(4, '0')}`;

for (const set of storageSets) {
  describe(`quarantine on ${set.name}`, function () {
    this.timeout(60_000);
    let storage: Awaited<ReturnType<typeof set.open>>;
    let quarantine: QuarantineStore;
    let batches: BatchStore;
    beforeEach(async () => {
      storage = await set.open();
      ({ batches, quarantine } = open(storage));
    });
    afterEach(() => storage.close());

    async function hold(): Promise<QuarantineEntry> {
      const items: RawItem[] = [
        { body: { userId: 'a' }, receivedAt },
        { body: { userId: 7 }, receivedAt, reject: { code: 'invalid', detail: 'userId: must be a text' } },
      ];
      const asked = {
        source: 'web',
        lane: 2,
        mapping: 'segment@1',
        items: 2,
        receivedAt,
        dedupeUntil: 1_800_000_000,
      };
      const { header } = await batches.append(
        asked,
        items.map((item) => JSON.stringify(item)),
      );
      const held = { ...entry('web', header.batchId, 1), lane: 2 };
      await quarantine.add([held]);
      await batches.complete([
        { header, stored: 1, duplicates: 0, quarantined: 1, events: 1, fragments: 1, profiles: 1 },
      ]);
      return held;
    }

    it('keeps an entry as it is when it is added again, and seals it', async () => {
      const first = entry('web', id(1), 3);
      await quarantine.add([first, first]);
      await quarantine.add([{ ...first, reason: { code: 'other', detail: '' } }, entry('web', id(1), 4)]);
      assert.deepEqual(await quarantine.get(first.id), first);
      assert.equal((await quarantine.list({})).items.length, 2);
      assert.equal(await quarantine.get('nothing'), undefined);
      assert.equal(await quarantine.get(`${id(1)}-9`), undefined);
      for await (const item of storage.intake.scan('')) {
        assert.ok(!Buffer.from(item.value).includes('ann@example.org'));
      }
    });

    it('lists newest first over all sources, filtered and in pages, each entry once', async () => {
      const all: QuarantineEntry[] = [];
      for (let n = 0; n < 130; n++) {
        const source = ['web', 'pos', 'crm'][n % 3 === 0 ? 0 : n % 7 === 0 ? 1 : 2] ?? 'web';
        for (const index of [2, 10])
          all.push(entry(source, id(n), index, n % 2 === 0 ? 'invalid' : 'message-conflict'));
      }
      await quarantine.add(all);
      const newest = [...all].reverse();
      async function collect(
        filter: Parameters<QuarantineStore['list']>[0],
        limit: number,
      ): Promise<string[]> {
        const ids: string[] = [];
        let cursor: string | null = null;
        do {
          const page = await quarantine.list(filter, { limit, ...(cursor !== null && { cursor }) });
          assert.ok(page.items.length <= limit);
          ids.push(...page.items.map((item) => item.id));
          cursor = page.cursor;
        } while (cursor !== null);
        return ids;
      }
      assert.deepEqual(
        await collect({}, 17),
        newest.map((item) => item.id),
      );
      const filter = { source: 'crm', code: 'invalid' } as const;
      const expected = newest.filter((item) => item.source === 'crm' && item.reason.code === 'invalid');
      assert.deepEqual(
        await collect(filter, 10),
        expected.map((item) => item.id),
      );
      assert.deepEqual(await collect({ status: 'released' }, 10), []);
      await assert.rejects(quarantine.list({}, { cursor: '%%' }), InvalidCursor);
    });

    it('shows the original and sends it through the normal way, once', async () => {
      const held = await hold();
      assert.deepEqual((await quarantine.original(held))?.body, { userId: 7 });
      const { entry: released, needsWake } = await quarantine.release(held.id);
      assert.equal(needsWake, true);
      assert.equal(released.status, 'released');
      const [header] = await batches.pending('web', 2, 10);
      assert.equal(header?.batchId, released.releasedAs);
      assert.equal(header?.mapping, 'segment', 'the newest version');
      assert.equal(header.dedupeUntil, 1_800_000_000 + 30 * 86_400);
      const place = { batchId: held.batchId, index: 1 };
      assert.deepEqual(await batches.read(header), [{ body: { userId: 7 }, receivedAt, place }]);
      const again = await open(storage).quarantine.release(held.id, { correct: () => ({ userId: 'other' }) });
      assert.deepEqual(again.entry, released);
      assert.equal((await batches.pending('web', 2, 10)).length, 1);
      await batches.complete([
        { header, stored: 1, duplicates: 0, quarantined: 0, events: 1, fragments: 0, profiles: 0 },
      ]);
      await quarantine.release(held.id);
      assert.deepEqual(await batches.pending('web', 2, 10), []);
      assert.deepEqual((await quarantine.list({ status: 'held' })).items, []);
    });

    it('sends a replacement in the place of the original, which stays', async () => {
      const held = await hold();
      const { entry: released } = await quarantine.release(held.id, { correct: () => ({ userId: '7' }) });
      const [header] = await batches.pending('web', 2, 10);
      assert.deepEqual(
        (await batches.read(header!)).map(({ body }) => body),
        [{ userId: '7' }],
      );
      assert.deepEqual((await quarantine.original(released))?.body, { userId: 7 });
      await assert.rejects(quarantine.release(`${id(9)}-0`), QuarantineNotFound);
    });

    it('gives what is sent the context of its envelope, where it has none of its own to say otherwise', async () => {
      const context = { locale: 'nl', app: 'inherited' };
      const bodies = [{}, { context: { app: 'own' } }, { context: 7 }, { context: null }, 7];
      const { header } = await batches.append(
        { source: 'web', lane: 2, mapping: 'segment', items: bodies.length, receivedAt },
        bodies.map((body) => JSON.stringify({ body, receivedAt, context })),
      );
      const held = bodies.map((_, n) => ({ ...entry('web', header.batchId, n), lane: 2 }));
      await quarantine.add(held);
      const call = { name: 'run|0', at: receivedAt };
      const { batches: sent } = await quarantine.releaseMany(held, call);
      const read = await batches.read(sent[0]!);
      assert.deepEqual(
        read.map(({ body }) => body),
        [{ context }, { context: { locale: 'nl', app: 'own' } }, { context: 7 }, { context: null }, 7],
      );
      assert.deepEqual(read[4]?.context, context, 'what comes back and is replaced inherits it again');
    });

    it('filters by when an entry was quarantined, `to` left out', async () => {
      const at = (n: number): string => `2026-11-0${n}T00:00:00.000Z`;
      const all = [1, 2, 3].map((n) => ({ ...entry('web', id(n), 0), quarantinedAt: at(n) }));
      await quarantine.add(all);
      const found = await quarantine.list({ from: at(2), to: at(3) });
      assert.deepEqual(
        found.items.map((item) => item.id),
        [all[1]?.id],
      );
    });

    it('forgets what was released, and what is held where a tenant says so, after so many days', async () => {
      const held = await hold();
      await quarantine.release(held.id);
      const day = 86_400;
      const expiry = async (): Promise<number | undefined> => {
        for await (const item of storage.intake.scan('quarantine/web')) return item.expiresAt;
        return undefined;
      };
      assert.equal(await expiry(), now / 1_000 + 90 * day);
      const options = { tenant, storage, vault: createVault({ tenant, storage }), now: () => now, batches };
      const strict = createQuarantineStore({
        ...options,
        retention: () => Promise.resolve({ heldDays: 3_000, releasedDays: 1 }),
      });
      const other = entry('crm', id(1), 0);
      await strict.add([other]);
      const [item] = await storage.intake.query({ pk: 'quarantine/crm' });
      assert.equal(item?.expiresAt, Math.floor(Date.parse(other.quarantinedAt) / 1_000) + 3_000 * day);
    });

    it('sends many in few batches, each item once, and says which originals are gone', async () => {
      const items = Array.from({ length: 1_200 }, (_, n) => ({ body: { n }, receivedAt }));
      const { header } = await batches.append(
        { source: 'web', lane: 2, mapping: 'shop@3', items: items.length, receivedAt },
        items.map((item) => JSON.stringify(item)),
      );
      await batches.complete([
        { header, stored: 0, duplicates: 0, quarantined: 1_200, events: 0, fragments: 0, profiles: 0 },
      ]);
      const held = items.map((_, n) => ({ ...entry('web', header.batchId, n), lane: 2 }));
      await quarantine.add(held);
      const call = { name: 'run|0', at: receivedAt };
      const lost = entry('web', id(7), 0);
      const how = { mapping: 'shop@4', correct: (body: RawItem['body']) => ({ was: body }) };
      const did = await quarantine.releaseMany([...held, lost], call, how);
      assert.deepEqual([did.released, did.gone, did.batches.length], [1_200, 1, 3]);
      assert.deepEqual(did.wake, [{ source: 'web', lane: 2 }]);
      await quarantine.releaseMany([...held, lost], call, how);
      const pending = await batches.pending('web', 2, 10);
      assert.deepEqual(
        pending.map(({ batchId, mapping }) => [batchId, mapping]).sort(),
        did.batches.map(({ batchId }) => [batchId, 'shop@4']).sort(),
      );
      const sent = (await Promise.all(pending.map((batch) => batches.read(batch)))).flat();
      assert.equal(new Set(sent.map(({ place }) => place?.index)).size, 1_200);
      assert.deepEqual(sent.find(({ place }) => place?.index === 77)?.body, { was: { n: 77 } });
      assert.deepEqual((await quarantine.list({ status: 'held' })).items, []);
      assert.equal(await batches.stillPending(did.batches), 3);
      const one = await quarantine.release(held[0]!.id);
      assert.equal(one.needsWake, false, 'what was released with others is not sent by itself');
      assert.equal((await batches.pending('web', 2, 10)).length, 3);
      const again = { ...entry('web', did.batches[0]!.batchId, 4), lane: 2 };
      await quarantine.add([again]);
      assert.equal(await quarantine.countOf(did.batches), 1);
    });

    it('keeps held what is nested too deeply to be sent, and sends its neighbours', async () => {
      const levels = 20_000;
      const deep = `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
      const line = (body: string): string => `{"body":${body},"receivedAt":"${receivedAt}"}`;
      const { header } = await batches.append(
        { source: 'web', lane: 2, mapping: 'segment', items: 3, receivedAt },
        [line('{"n":0}'), line(deep), line('{"n":2}')],
      );
      await batches.complete([
        { header, stored: 0, duplicates: 0, quarantined: 3, events: 0, fragments: 0, profiles: 0 },
      ]);
      const held = [0, 1, 2].map((n) => ({ ...entry('web', header.batchId, n), lane: 2 }));
      await quarantine.add(held);
      const call = { name: 'run|0', at: receivedAt };
      const did = await quarantine.releaseMany(held, call);
      assert.deepEqual([did.released, did.gone, did.skipped, did.tooDeep], [2, 0, 0, 1]);
      const sent = await batches.read(did.batches[0]!);
      assert.deepEqual(
        sent.map(({ body }) => body),
        [{ n: 0 }, { n: 2 }],
      );
      const left = await quarantine.list({ status: 'held' });
      assert.deepEqual(left.items, [held[1]]);
      await assert.rejects(quarantine.release(held[1]!.id), QuarantineTooDeep);
      const { entry: released } = await quarantine.release(held[1]!.id, { correct: () => ({ n: 1 }) });
      assert.equal(released.status, 'released');
    });

    for (const moment of ['before', 'after'] as const) {
      it(`releases many into the same batches when any one call fails ${moment} its effect`, async () => {
        for (let n = 1; ; n++) {
          const held = [await hold(), await hold()];
          const faulty = failing(storage, n, moment);
          const { quarantine: shaky } = open(faulty.storage);
          const call = { name: `run-${n}|0`, at: receivedAt };
          const did = await shaky.releaseMany(held, call).catch(() => shaky.releaseMany(held, call));
          const pending = await batches.pending('web', 2, 10);
          assert.deepEqual(
            pending.map(({ batchId }) => batchId),
            did.batches.map(({ batchId }) => batchId),
          );
          assert.equal(pending[0]?.items, 2);
          const states = await quarantine.getMany(
            'web',
            held.map((entry) => entry.id),
          );
          assert.deepEqual(
            states.map((state) => state?.status),
            ['released', 'released'],
          );
          const outcome = { stored: 2, duplicates: 0, quarantined: 0, events: 2, fragments: 0, profiles: 0 };
          await batches.complete(pending.map((header) => ({ header, ...outcome })));
          if (faulty.calls() < n) {
            assert.ok(n > 4, 'no call failed');
            return;
          }
        }
      });

      it(`releases into one batch when any one call fails ${moment} its effect`, async () => {
        for (let n = 1; ; n++) {
          const held = await hold();
          const faulty = failing(storage, n, moment);
          const { quarantine: shaky } = open(faulty.storage);
          const released = await shaky.release(held.id).catch(() => shaky.release(held.id));
          const pending = await batches.pending('web', 2, 10);
          assert.deepEqual(
            pending.map(({ batchId }) => batchId),
            [released.entry.releasedAs],
          );
          assert.equal((await quarantine.get(held.id))?.status, 'released');
          const outcome = { stored: 1, duplicates: 0, quarantined: 0, events: 1, fragments: 0, profiles: 0 };
          await batches.complete(pending.map((header) => ({ header, ...outcome })));
          if (faulty.calls() < n) {
            assert.ok(n > 5, 'no call failed');
            return;
          }
        }
      });
    }
  });
}

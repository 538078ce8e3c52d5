import assert from 'node:assert/strict';
import { eventAt } from '../../../storage/log/encode.ts';
import { emptyFragment, evolveFragmentAll } from '../../../domain/profile/fold.ts';
import { DEFAULT_FOLD_POLICY } from '../../../domain/profile/policy.ts';
import type { FoldPolicy } from '../../../domain/profile/state.ts';
import { KeyGone, StoreUnavailable } from '../../../storage/errors.ts';
import type { EventLogOptions } from '../../../storage/log/log.ts';
import { createEventLog } from '../../../storage/log/log.ts';
import type { EventLog, StoredEvent } from '../../../storage/log/types.ts';
import type { Storage } from '../../../storage/ports.ts';
import { createVault } from '../../../storage/vault/vault.ts';
import { storageSets } from '../../support/storage-sets.ts';
import { failing } from '../failing.ts';
import { appendExactly, storedIds } from './append.ts';
import { appendOf, typicalEvent } from './events.ts';

const tenant = 'acme';

/** A log as one process opens it. */
function openLog(storage: Storage, options: Partial<EventLogOptions> = {}): Promise<EventLog> {
  const vault = createVault({ tenant, storage });
  return createEventLog({ tenant, storage, vault, policy: DEFAULT_FOLD_POLICY, ...options });
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const eventsOf = (person: number, from: number, to: number): StoredEvent[] =>
  range(from, to).map((n) => typicalEvent(person, n));
const fold = (events: readonly StoredEvent[], policy: FoldPolicy = DEFAULT_FOLD_POLICY) =>
  evolveFragmentAll(emptyFragment, events, policy);

for (const set of storageSets) {
  describe(`event log on ${set.name}`, function () {
    this.timeout(60_000);
    let storage: Awaited<ReturnType<typeof set.open>>;
    beforeEach(async () => {
      storage = await set.open();
    });
    afterEach(() => storage.close());

    const addressOf = (log: EventLog, person: number): string =>
      log.address(typicalEvent(person, 0).identifiers[0]!);

    it('reads back exactly what was appended, in both directions and from a version on', async () => {
      const log = await openLog(storage);
      const fragment = addressOf(log, 1);
      for (const n of range(0, 5)) await appendExactly(log, [typicalEvent(1, n)]);
      const commits = await log.read(fragment);
      assert.deepEqual(
        commits.map(({ version }) => version),
        [1, 2, 3, 4, 5],
      );
      assert.deepEqual(
        commits.flatMap(({ events }) => events),
        eventsOf(1, 0, 5),
      );
      const last = await log.read(fragment, { reverse: true, limit: 2 });
      assert.deepEqual(
        last.map(({ version }) => version),
        [5, 4],
      );
      const rest = await log.read(fragment, { after: 3 });
      assert.deepEqual(
        rest.map(({ version }) => version),
        [4, 5],
      );
    });

    it('loads what folding every event from the start gives, whatever the history and its snapshots', async () => {
      const log = await openLog(storage);
      const fresh = await openLog(storage);
      for (const step of range(0, 30)) {
        await appendExactly(log, eventsOf(1, step * 2, step * 2 + 2));
        const [loaded] = await fresh.load([addressOf(log, 1)]);
        assert.equal(loaded?.version, step + 1);
        assert.deepEqual(loaded.state, fold(eventsOf(1, 0, step * 2 + 2)));
        assert.equal(loaded.bornIn, typicalEvent(1, 0).batchId);
      }
    });

    it('folds from the commits again when the policy has another version', async () => {
      const log = await openLog(storage);
      for (const n of range(0, 20)) await appendExactly(log, [typicalEvent(1, n)]);
      const policy: FoldPolicy = { version: 2, traits: {}, summed: ['price'] };
      const [loaded] = await (await openLog(storage, { policy })).load([addressOf(log, 1)]);
      assert.deepEqual(loaded?.state, fold(eventsOf(1, 0, 20), policy));
    });

    it('refuses an append at an old version and lets its neighbours through', async () => {
      const log = await openLog(storage);
      const people = range(0, 40);
      const stale = await log.load(people.map((person) => addressOf(log, person)));
      await appendExactly(log, [typicalEvent(7, 0), typicalEvent(23, 0)]);
      const requests = stale.map((loaded, person) => appendOf(log, loaded, [typicalEvent(person, 1)]));
      const results = await log.append(requests);
      assert.deepEqual(
        results.flatMap((result, person) => (result.status === 'conflict' ? [person] : [])),
        [7, 23],
      );
      for (const person of people) {
        const expected = person === 7 || person === 23 ? [0] : [1];
        const ids = expected.map((n) => typicalEvent(person, n).messageId);
        assert.deepEqual(await storedIds(log, addressOf(log, person)), ids);
      }
    });

    it('refuses a message that is claimed, by an earlier append or by another one of the same call', async () => {
      const log = await openLog(storage);
      const taken = typicalEvent(1, 0).messageId;
      await appendExactly(log, [typicalEvent(1, 0)]);
      const [two, three, four] = await log.load([2, 3, 4].map((person) => addressOf(log, person)));
      const results = await log.append([
        appendOf(log, two!, [{ ...typicalEvent(2, 0), messageId: taken }]),
        appendOf(log, three!, [{ ...typicalEvent(3, 0), messageId: 'twice' }]),
        appendOf(log, four!, [{ ...typicalEvent(4, 0), messageId: 'twice' }]),
      ]);
      assert.equal(results[0]?.status, 'conflict');
      const statuses = results.slice(1).map(({ status }) => status);
      assert.deepEqual(statuses.sort(), ['appended', 'conflict']);
      const entry = (await log.lookup([{ source: 'web', messageId: taken }]))[0];
      assert.deepEqual([entry?.batchId, entry?.index], [typicalEvent(1, 0).batchId, 0]);
    });

    it('knows rows of a file by file and row, and takes ids that look like them for others', async () => {
      const log = await openLog(storage);
      const file = 'Ab-_'.repeat(5) + 'xy';
      const ids = ['0', '7', '63', '64', '07', '700', '1e2', ''].map((row) => `${file}-${row}`);
      ids.push(`${file.slice(1)}z-7`, `${file}-0-7`, file);
      await appendExactly(
        log,
        ids.map((messageId, n) => ({ ...typicalEvent(n % 3, n), messageId, index: n })),
      );
      const entries = await log.lookup(ids.map((messageId) => ({ source: 'web', messageId })));
      assert.deepEqual(
        entries.map((entry) => entry?.index),
        range(0, ids.length),
      );
      const others = ['1', '8', '62', '65'].map((row) => ({ source: 'web', messageId: `${file}-${row}` }));
      assert.deepEqual(await log.lookup([...others, { source: 'pos', messageId: `${file}-7` }]), [
        ...others.map(() => undefined),
        undefined,
      ]);
    });

    it('splits a large append into commits that each fit, and goes on where it was cut', async () => {
      const log = await openLog(storage);
      const events = eventsOf(1, 0, 150);
      await appendExactly(log, events);
      const commits = await log.read(addressOf(log, 1));
      assert.deepEqual(
        commits.map((commit) => commit.events.length),
        [64, 64, 22],
      );
      assert.deepEqual((await log.load([addressOf(log, 1)]))[0]?.state, fold(events));
      const big = range(150, 158).map((n) => ({
        ...typicalEvent(1, n),
        properties: { text: `${'é'.repeat(30_000)}${n}` },
      }));
      await appendExactly(log, big);
      assert.deepEqual(
        await storedIds(log, addressOf(log, 1)),
        [...events, ...big].map(({ messageId }) => messageId),
      );
    });

    it('never records a commit earlier than the one before, whatever the clock does', async () => {
      let now = Date.UTC(2026, 5, 1);
      const log = await openLog(storage, { now: () => now });
      await appendExactly(log, [typicalEvent(1, 0)]);
      now -= 3_600_000;
      await appendExactly(log, [typicalEvent(1, 1)]);
      const times = (await log.read(addressOf(log, 1))).map(({ recordedAt }) => recordedAt);
      assert.deepEqual(times, Array(2).fill('2026-06-01T00:00:00.000Z'));
    });

    it('forgets a claim once its window is over', async () => {
      await storage.close();
      let now = Date.now();
      storage = await set.open({ now: () => now });
      const log = await openLog(storage);
      const [loaded] = await log.load([addressOf(log, 1)]);
      const dedupeUntil = Math.floor(now / 1_000) + 60;
      const event = typicalEvent(1, 0);
      await log.append([{ tip: loaded!, events: [{ ...eventAt(event), digest: 'd', dedupeUntil }] }]);
      assert.equal((await log.lookup([event]))[0]?.digest, 'd');
      now += 61_000;
      assert.deepEqual(await log.lookup([event]), [undefined]);
    });

    it('answers ends from memory until it is told to doubt them, and again those that were right', async () => {
      const [log, other] = await Promise.all([openLog(storage, { cachedTips: 100 }), openLog(storage)]);
      const tips = (from: EventLog) => from.tips(range(1, 4).map((person) => addressOf(log, person)));
      const versions = async (): Promise<number[]> => (await tips(log)).map(({ version }) => version);
      await appendExactly(log, [typicalEvent(1, 0), typicalEvent(2, 0)]);
      await appendExactly(other, [typicalEvent(1, 1), typicalEvent(3, 0)]);
      assert.deepEqual(await versions(), [1, 1, 1]);
      await appendExactly(other, [typicalEvent(3, 1)]);
      assert.deepEqual(await versions(), [1, 1, 1]);
      for (const doubts of [1, 2]) {
        log.doubtTips();
        assert.deepEqual(await versions(), [2, 1, 2], `${doubts}`);
      }
      assert.deepEqual(await tips(log), await tips(other));
      await appendExactly(other, [typicalEvent(2, 1)]);
      assert.deepEqual(await versions(), [2, 1, 2]);
    });

    it('stores each event once when several append to the same fragments at the same time', async () => {
      const people = range(0, 6);
      const writers = await Promise.all(range(0, 4).map(() => openLog(storage, { cachedTips: 100 })));
      await Promise.all(
        writers.map(async (log, w) => {
          for (const n of range(0, 4)) {
            // Two writers bring the same events, so that both versions and messages are fought over.
            await appendExactly(
              log,
              people.map((person) => typicalEvent(person, (w >> 1) * 100 + n)),
            );
          }
        }),
      );
      const log = await openLog(storage);
      for (const person of people) {
        const expected = [...range(0, 4), ...range(100, 104)].map((n) => typicalEvent(person, n).messageId);
        assert.deepEqual((await storedIds(log, addressOf(log, person))).sort(), expected.sort());
        const [loaded] = await log.load([addressOf(log, person)]);
        assert.deepEqual(
          loaded?.state,
          fold((await log.read(addressOf(log, person))).flatMap(({ events }) => events)),
        );
      }
    });

    for (const moment of ['before', 'after'] as const) {
      it(`stores each event once when any one call fails ${moment} its effect`, async () => {
        for (let n = 1; ; n++) {
          const faulty = failing(storage, n, moment);
          const log = await openLog(faulty.storage, { cachedTips: 100 });
          const people = range(0, 20).map((i) => n * 1_000 + i);
          const events = people
            .flatMap((person) => eventsOf(person, 0, 5))
            .concat(eventsOf(n * 1_000, 5, 80));
          try {
            await appendExactly(log, events);
          } catch (error) {
            assert.ok(error instanceof StoreUnavailable, String(error));
            await appendExactly(log, events);
          }
          const check = await openLog(storage);
          for (const person of people) {
            const expected = events.filter((event) => event.identifiers[0]?.value === `user-${person}`);
            const stored = await storedIds(check, addressOf(check, person));
            assert.deepEqual(stored.sort(), expected.map(({ messageId }) => messageId).sort());
          }
          if (faulty.calls() < n) {
            assert.ok(n > 5, 'no call failed');
            return;
          }
        }
      });
    }

    it('reads a fragment whose key was destroyed as none, and can begin anew', async () => {
      const log = await openLog(storage);
      const fragment = addressOf(log, 1);
      for (const n of range(0, 12)) await appendExactly(log, [typicalEvent(1, n)]);
      const before = await log.subject(fragment);
      await storage.keys.write([{ kind: 'delete', pk: `k/${fragment}`, sk: 'key' }]);
      const later = await openLog(storage);
      assert.deepEqual(await later.read(fragment), []);
      assert.equal(await later.subject(fragment), undefined);
      assert.deepEqual((await later.load([fragment]))[0]?.state, emptyFragment);
      await appendExactly(later, [typicalEvent(1, 50)]);
      assert.deepEqual(await storedIds(later, fragment), [typicalEvent(1, 50).messageId]);
      const [loaded] = await (await openLog(storage)).load([fragment]);
      assert.deepEqual(loaded?.state, fold([typicalEvent(1, 50)]));
      assert.notEqual(await later.subject(fragment), before);
    });

    it('refuses a commit that was moved to another person', async () => {
      const log = await openLog(storage);
      await appendExactly(log, [typicalEvent(1, 0), typicalEvent(2, 0)]);
      const from = await storage.log.get({ pk: `f/${addressOf(log, 1)}`, sk: 'c/000000000001' });
      const key = { pk: `f/${addressOf(log, 1)}`, sk: 'c/000000000002' };
      await storage.log.write([{ kind: 'put', ...key, version: 2, value: from!.value }]);
      await assert.rejects(log.read(addressOf(log, 1)), KeyGone);
    });
  });
}

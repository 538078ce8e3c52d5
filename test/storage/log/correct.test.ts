import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { emptyFragment, evolveFragment } from '../../../domain/profile/fold.ts';
import { DEFAULT_FOLD_POLICY } from '../../../domain/profile/policy.ts';
import { openTenant } from '../../../storage/tenant.ts';
import type { EventLog, StoredEvent, SupersededItem } from '../../../storage/log/types.ts';
import type { Storage } from '../../../storage/ports.ts';
import { storageSets } from '../../support/storage-sets.ts';
import { appendExactly, storedIds } from './append.ts';
import { typicalEvent } from './events.ts';

const openLog = async (storage: Storage, cachedTips = 0): Promise<EventLog> =>
  (await openTenant({ tenant: 't', storage, cachedTips })).log;
const item = (index: number, turnedAway = false): SupersededItem => ({
  ...{ batchId: typicalEvent(1, 0).batchId, index, turnedAway },
});
const other = (index: number, sku: string): StoredEvent => ({
  ...typicalEvent(1, index),
  ...{ traits: { sku }, mapping: 'segment@2' },
});

/** What outsiders make of a fragment: its events in force, folded one at a time. */
async function refolded(log: EventLog, fragment: string): Promise<string> {
  const commits = await log.read(fragment);
  const events = commits.flatMap((commit) => commit.events);
  return JSON.stringify(
    events.reduce((state, event) => evolveFragment(state, event, DEFAULT_FOLD_POLICY), emptyFragment),
  );
}

for (const set of storageSets) {
  describe(`corrections of the log on ${set.name}`, () => {
    it('hold from when they were recorded, once, and are folded as if nothing else had been', async () => {
      const storage = await set.open();
      try {
        const log = await openLog(storage);
        await appendExactly(
          log,
          [0, 1, 2].map((n) => typicalEvent(1, n)),
        );
        const fragment = log.address({ type: 'userId', value: 'user-1' });
        const request = { fragment, cause: 'r1/0', supersedes: [item(1)], events: [other(1, 'new')] };
        assert.deepEqual(await log.correct([request]), [{ fragment, change: 0 }]);
        assert.deepEqual(await log.correct([request]), [{ fragment, change: 0 }], 'again changes nothing');
        await appendExactly(log, [typicalEvent(1, 3)]);
        const commits = await log.read(fragment, { superseded: true });
        assert.deepEqual(
          commits.map(({ events }) => events.map(({ index, mapping }) => `${index} ${mapping}`)),
          [['0 segment@1', '2 segment@1'], ['1 segment@2'], ['3 segment@1']],
        );
        assert.deepEqual(
          commits[0]?.superseded?.map(({ event, until }) => [event.index, until]),
          [[1, commits[1]?.recordedAt]],
        );
        const [loaded] = await log.load([fragment]);
        assert.equal(JSON.stringify(loaded?.state), await refolded(log, fragment));
        assert.equal(loaded?.state.profile.events, 4);
      } finally {
        await storage.close();
      }
    });

    it('leave a fragment empty, which begins again with its next event', async () => {
      const storage = await set.open();
      try {
        const log = await openLog(storage);
        await appendExactly(log, [typicalEvent(1, 0)]);
        const fragment = log.address({ type: 'userId', value: 'user-1' });
        const away = { fragment, cause: 'r1/0', supersedes: [item(0, true)], events: [] };
        assert.deepEqual(await log.correct([away]), [{ fragment, change: -1 }]);
        assert.equal((await log.tips([fragment]))[0]?.tail.isEmpty, true);
        assert.equal((await log.load([fragment]))[0]?.bornIn, null);
        const back = { fragment, cause: 'r2/0', supersedes: [item(0)], events: [typicalEvent(1, 0)] };
        assert.deepEqual(await log.correct([back]), [{ fragment, change: 1 }]);
        assert.deepEqual(
          await log.correct([away]),
          [{ fragment, change: -1 }],
          'what was done before is told again',
        );
        assert.equal((await log.tips([fragment]))[0]?.tail.isEmpty, undefined);
        assert.deepEqual(await storedIds(log, fragment), [typicalEvent(1, 0).messageId]);
      } finally {
        await storage.close();
      }
    });

    it('are read alike whatever page they are read by', async () => {
      const storage = await set.open();
      try {
        const log = await openLog(storage);
        const fragment = log.address({ type: 'userId', value: 'user-1' });
        for (const n of [0, 1, 2, 3]) await appendExactly(log, [typicalEvent(1, n)]);
        await log.correct([
          { fragment, cause: 'a', supersedes: [item(0), item(2)], events: [other(0, 'x')] },
        ]);
        await appendExactly(log, [typicalEvent(1, 4)]);
        await log.correct([
          { fragment, cause: 'b', supersedes: [item(0), item(3)], events: [other(3, 'y')] },
        ]);
        const whole = await log.read(fragment, { superseded: true });
        for (const [at, commit] of whole.entries())
          assert.deepEqual(
            await log.read(fragment, { after: at, limit: 1, superseded: true }),
            [commit],
            `page ${at}`,
          );
        assert.deepEqual(
          (await log.read(fragment, { reverse: true, limit: 3, superseded: true })).reverse(),
          whole.slice(-3),
        );
        assert.deepEqual(
          await storedIds(log, fragment),
          [1, 4, 3].map((n) => typicalEvent(1, n).messageId),
        );
      } finally {
        await storage.close();
      }
    });
  });
}

describe('any history of appends and corrections', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({
      kind: fc.constant('correct' as const),
      items: fc.uniqueArray(fc.nat(120), { maxLength: 30 }),
      keeps: fc.boolean(),
    }),
  );
  it('folds to the bytes of the events in force, with and without snapshots and remembered ends', async function () {
    this.timeout(120_000);
    const [embedded] = storageSets;
    assert.ok(embedded);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
        const storage = await embedded.open();
        try {
          const log = await openLog(storage, 100);
          const fragment = log.address({ type: 'userId', value: 'user-1' });
          let next = 0;
          const force = new Set<number>();
          for (const [at, made] of steps.entries()) {
            if (made.kind === 'append') {
              for (let i = 0; i < made.count; i += 1) {
                await appendExactly(log, [typicalEvent(1, next)]);
                force.add(next++);
              }
              continue;
            }
            const known = made.items.filter((index) => index < next);
            const events = made.keeps ? known.map((index) => other(index, `v${at}`)) : [];
            await log.correct([
              { fragment, cause: `c${at}`, supersedes: known.map((index) => item(index)), events },
            ]);
            for (const index of known)
              if (made.keeps) force.add(index);
              else force.delete(index);
          }
          const [loaded] = await log.load([fragment]);
          assert.equal(loaded?.state.profile.events, force.size);
          const bytes = JSON.stringify(loaded.state);
          assert.equal(bytes, await refolded(log, fragment));
          await storage.log.write([{ kind: 'delete', pk: `f/${fragment}`, sk: 's' }]);
          assert.equal(JSON.stringify((await log.load([fragment]))[0]?.state), bytes);
        } finally {
          await storage.close();
        }
      }),
      { numRuns: 25 },
    );
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { pendingUnit, readUnit } from '../../../activities/ingest/drain.ts';
import { KnownEvidence } from '../../../activities/ingest/evidence.ts';
import { Novelty } from '../../../activities/ingest/novelty.ts';
import { Quality } from '../../../activities/ingest/quality.ts';
import { KnownSpreads } from '../../../activities/ingest/spreads.ts';
import type { IngestContext } from '../../../activities/ingest/types.ts';
import { processUnit } from '../../../activities/ingest/unit.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { MappingDefinition } from '../../../domain/mapping/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { storageSets } from '../../support/storage-sets.ts';
import { append, recordingObserver, SOURCE, tenantOn } from '../tenant.ts';

const embedded = storageSets.filter(({ name }) => name === 'embedded');
const patience = { signal: new AbortController().signal, waiting: () => undefined };

function contextOn(store: TenantStore, novelty: IngestContext['novelty']): IngestContext {
  const deps = { store, observer: recordingObserver(), pollMs: 1 };
  return {
    ...deps,
    novelty,
    known: new KnownEvidence(100),
    quality: new Quality(deps),
    spreads: new KnownSpreads(),
  };
}

/** Takes in all that is pending as one unit. */
async function takeIn(context: IngestContext, lane = 0): Promise<void> {
  const { headers } = await pendingUnit(context.store, SOURCE, lane, new Set());
  await processUnit(context, await readUnit(context.store, headers), patience);
}

const message = (messageId: string, event: string, who: JsonObject): JsonObject => ({
  ...{ type: 'track', messageId, event, timestamp: '2026-01-01T00:00:00.000Z' },
  ...who,
});

/** Mails, each of which is one event for each of its recipients: the first of them decides for it. */
const MAILS: Omit<MappingDefinition, 'version'> = {
  ...{ name: 'mails', description: '', kind: 'rules' },
  rules: [
    {
      ...{ name: 'sent', type: 'track', each: '$.to' },
      event: { path: '$root.event' },
      messageId: { template: '${$root.id}-${$}' },
      timestamp: { const: '2026-01-01T00:00:00.000Z' },
      identifiers: { userId: { path: '$' } },
    },
  ],
};

const mail = (id: string, event: string, ...to: string[]): JsonObject => ({ id, event, to });

const appendMails = (store: TenantStore, mails: readonly JsonObject[], lane = 0): Promise<string> =>
  append(store, mails, { mapping: 'mails', lane });

describe('messages that are likely to be new', () => {
  for (const set of embedded) {
    it('are not looked up, until one turns out to be known or a try fails', async () => {
      const storage = await set.open();
      try {
        const store = await tenantOn(storage);
        const asked: string[][] = [];
        let isDown = false;
        const log: TenantStore['log'] = {
          ...store.log,
          lookup: (messages) => {
            asked.push(messages.map(({ messageId }) => messageId));
            return store.log.lookup(messages);
          },
          append: (requests) => {
            if (isDown) throw new RangeError('down');
            return store.log.append(requests);
          },
        };
        const context = contextOn({ ...store, log }, new Novelty());
        const unit = async (...ids: string[]): Promise<string[][]> => {
          asked.length = 0;
          await append(
            store,
            ids.map((id) => message(id, 'A', { userId: `of ${id}` })),
          );
          await takeIn(context);
          return [...asked];
        };
        assert.deepEqual(await unit('a', 'b'), [['a', 'b']], 'nothing is known of a lane at first');
        assert.deepEqual(await unit('c', 'd'), []);
        assert.deepEqual(await unit('e', 'c'), [['c']], 'what was refused is looked up');
        assert.deepEqual(await unit('f', 'd'), [['f', 'd']]);
        assert.deepEqual(await unit('g'), [['g']]);
        isDown = true;
        assert.deepEqual(await unit('h'), []);
        isDown = false;
        assert.deepEqual(await unit('i'), [['i']], 'the last try failed');
        assert.equal((await store.batches.counts()).sources[SOURCE]?.duplicates, 2);
      } finally {
        await storage.close();
      }
    });

    /** Takes units in, looked up first and not; both must come to the same. */
    const sameEnds = async <T>(
      units: fc.Arbitrary<T[][]>,
      send: (store: TenantStore, items: T[]) => Promise<string>,
    ): Promise<void> =>
      fc.assert(
        fc.asyncProperty(units, async (all) => {
          const ends: unknown[] = [];
          for (const isLikely of [true, false]) {
            const storage = await set.open();
            try {
              const store = await tenantOn(storage);
              await store.registry.putMapping(MAILS);
              const context = contextOn(store, { take: () => isLikely, seen: () => undefined });
              for (const items of all) {
                await send(store, items);
                await takeIn(context);
              }
              ends.push(await endOf(store));
            } finally {
              await storage.close();
            }
          }
          assert.deepEqual(ends[0], ends[1]);
        }),
        { numRuns: 25 },
      );
    const unitsOf = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[][]> =>
      fc.array(fc.array(item, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });

    it('come to the same end as those that are looked up', () => {
      const item = fc.record({
        id: fc.integer({ min: 1, max: 6 }),
        event: fc.constantFrom('A', 'A', 'A', 'B'),
        who: fc.constantFrom<JsonObject[]>(
          { userId: 'u' },
          { userId: 'v' },
          { anonymousId: 'x', userId: 'u' },
        ),
      });
      return sameEnds(unitsOf(item), (store, items) =>
        append(
          store,
          items.map(({ id, event, who }) => message(`m${id}`, event, who)),
        ),
      );
    });

    it('come to the same end as those that are looked up where an item makes several events', () => {
      const item = fc.record({
        id: fc.integer({ min: 1, max: 2 }),
        event: fc.constantFrom('A', 'A', 'A', 'B'),
        to: fc.uniqueArray(fc.constantFrom('u', 'v', 'w'), { minLength: 1 }),
      });
      return sameEnds(unitsOf(item), (store, items) =>
        appendMails(
          store,
          items.map(({ id, event, to }) => mail(`m${id}`, event, ...to)),
        ),
      );
    });

    it('leave nothing of an item whose first event is another’s, claimed before or in a race', async () => {
      for (const isRace of [false, true]) {
        const storage = await set.open();
        try {
          const store = await tenantOn(storage, 0, 2);
          await store.registry.putMapping(MAILS);
          const other = contextOn(store, new Novelty());
          const first = async (): Promise<void> => {
            await appendMails(store, [mail('m1', 'A', 'u'), mail('m2', 'A', 'u')], 1);
            await takeIn(other, 1);
          };
          let hasRaced = !isRace;
          const log: TenantStore['log'] = {
            ...store.log,
            lookup: async (messages) => {
              const known = await store.log.lookup(messages);
              if (!hasRaced) {
                hasRaced = true;
                await first();
              }
              return known;
            },
          };
          if (!isRace) await first();
          await appendMails(store, [
            mail('m1', 'B', 'u', 'v'),
            mail('m2', 'A', 'u'),
            mail('m3', 'A', 'w', 'u'),
          ]);
          await takeIn(contextOn({ ...store, log }, { take: () => !isRace, seen: () => undefined }));
          assert.equal(await store.profiles.read('userId:v'), undefined);
          const { events, fragments, profiles, sources } = await store.batches.counts();
          assert.deepEqual([events, fragments, profiles], [4, 2, 2]);
          const { stored, duplicates, quarantined, pending } = sources[SOURCE] ?? {};
          assert.deepEqual([stored, duplicates, quarantined, pending], [3, 1, 1, 0]);
        } finally {
          await storage.close();
        }
      }
    });
  }
});

async function endOf(store: TenantStore): Promise<unknown> {
  const [duplicates, held] = [
    await store.batches.duplicates(SOURCE),
    await store.quarantine.list({ source: SOURCE }),
  ];
  const people = ['userId:u', 'userId:v', 'userId:w', 'anonymousId:x'];
  return {
    counts: await store.batches.counts(),
    duplicates: duplicates.items.map(({ messageId, index }) => `${messageId} ${index}`).sort(),
    held: held.items.map(({ index, reason }) => `${index} ${reason.code}`).sort(),
    states: await Promise.all(
      people.map(async (who) => {
        const state = (await store.profiles.read(who))?.state;
        // As values: in which order the parts came to be tells only in which order they were written.
        return state && [state.events, state.counters, Object.keys(state.identifiers).sort()];
      }),
    ),
  };
}

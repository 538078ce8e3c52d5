import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { JsonObject } from '../../../domain/json.ts';
import type { MappingDefinition } from '../../../domain/mapping/types.ts';
import { ProfileTooLarge } from '../../../storage/identity/codec.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { replay } from '../replay-mapping/run.ts';
import { append, pumpAll, SOURCE, tenantOn } from '../tenant.ts';

/** Mails: an event for each recipient, who is known by an address too. */
const mails = (event: string): Omit<MappingDefinition, 'version'> => ({
  ...{ name: 'mails', description: '', kind: 'rules' },
  rules: [
    {
      ...{ name: 'sent', type: 'track', each: '$.to' },
      event: { const: event },
      messageId: { template: '${$root.id}-${$}' },
      timestamp: { const: '2026-01-01T00:00:00.000Z' },
      identifiers: { userId: { path: '$' }, email: { template: '${$}@example.com' } },
    },
  ],
});

const mail = (id: string, ...to: string[]): JsonObject => ({ id, to });

describe('an item that fails after its events are in the log', () => {
  let storage: TestStorage;
  let store: TenantStore;
  beforeEach(async () => {
    const [embedded] = storageSets;
    assert.ok(embedded);
    storage = await embedded.open();
    store = await tenantOn(storage);
    await store.registry.putMapping(mails('Sent'));
  });
  afterEach(() => storage.close());

  const addressOf = (userId: string): string => store.log.address({ type: 'userId', value: userId });

  /** Pumps with an identity that takes nothing of a person. */
  const pumpRefusing = (userId: string): Promise<unknown> =>
    pumpAll({
      ...store,
      directory: {
        ...store.directory,
        resolve: (input, cause) => {
          if (input.nodes.some(({ fragment }) => fragment === addressOf(userId)))
            throw new ProfileTooLarge('p_large');
          return store.directory.resolve(input, cause);
        },
      },
    });

  const release = async (how?: { readonly correct: () => JsonObject }): Promise<void> => {
    const held = await store.quarantine.list({ source: SOURCE, status: 'held' });
    assert.equal(held.items.length, 1);
    await store.quarantine.release(held.items[0]?.id ?? '', how);
  };

  const counts = async (): Promise<object> => {
    const { profiles, fragments, events, sources } = await store.batches.counts();
    const { received, stored, duplicates, quarantined } = sources[SOURCE] ?? {};
    return { profiles, fragments, events, received, stored, duplicates, quarantined };
  };

  /** How many events each has, read by the address, which only identity knows to be theirs. */
  const eventsOf = (...people: readonly string[]): Promise<(number | undefined)[]> =>
    Promise.all(
      people.map(async (who) => (await store.profiles.read(`email:${who}@example.com`))?.state.events),
    );

  it('is told to identity once it is released and what refused it is mended', async () => {
    await append(store, [mail('m1', 'ann'), mail('m2', 'bob')], { mapping: 'mails' });
    await pumpRefusing('ann');
    assert.deepEqual(await eventsOf('ann', 'bob'), [undefined, 1]);
    await release();
    await pumpAll(store);
    assert.deepEqual(await eventsOf('ann', 'bob'), [1, 1]);
    assert.deepEqual(await counts(), {
      ...{ profiles: 2, fragments: 2, events: 2 },
      ...{ received: 3, stored: 2, duplicates: 0, quarantined: 1 },
    });
  });

  it('is the same item however often it is released', async () => {
    const batchId = await append(store, [mail('m1', 'ann')], {
      mapping: 'mails',
      reject: { code: 'refused', detail: 'refused' },
    });
    await pumpAll(store);
    for (let time = 1; time <= 3; time += 1) {
      await release();
      await pumpRefusing('ann');
    }
    await release();
    await pumpAll(store);
    assert.deepEqual(await eventsOf('ann'), [1]);
    assert.deepEqual(await counts(), {
      ...{ profiles: 1, fragments: 1, events: 1 },
      ...{ received: 5, stored: 1, duplicates: 0, quarantined: 4 },
    });
    const [commit, ...more] = await store.log.read(addressOf('ann'));
    assert.deepEqual([commit?.events.length, more], [1, []]);
    assert.notEqual(commit?.events[0]?.batchId, batchId, 'it was appended when it was first released');
  });

  it('leaves the profiles that were made of it counted once', async () => {
    await append(store, [mail('m1', 'ann')], { mapping: 'mails' });
    await pumpAll({
      ...store,
      directory: {
        ...store.directory,
        resolve: async (input, cause) => {
          const made = await store.directory.resolve(input, cause);
          if (input.nodes.length > 0) throw new ProfileTooLarge('p_large');
          return made;
        },
      },
    });
    await release();
    await pumpAll(store);
    assert.deepEqual(await counts(), {
      ...{ profiles: 1, fragments: 1, events: 1 },
      ...{ received: 2, stored: 1, duplicates: 0, quarantined: 1 },
    });
  });

  it('is another once it is corrected', async () => {
    await append(store, [mail('m1', 'ann')], { mapping: 'mails' });
    await pumpRefusing('ann');
    await release({ correct: () => mail('m1', 'ann', 'bob') });
    await pumpAll(store);
    const held = await store.quarantine.list({ source: SOURCE, status: 'held' });
    assert.deepEqual(
      held.items.map(({ reason }) => reason.code),
      ['message-conflict'],
    );
    assert.deepEqual(await eventsOf('ann', 'bob'), [undefined, undefined]);
  });

  it('is completed where some of its events are in, and mapped again with each of them once', async () => {
    await append(store, [mail('m1', 'ann', 'bob')], { mapping: 'mails' });
    await pumpAll({
      ...store,
      log: {
        ...store.log,
        append: (requests) => {
          if (requests.some(({ tip }) => tip.fragment === addressOf('bob'))) throw new RangeError('broken');
          return store.log.append(requests);
        },
      },
    });
    await release();
    await pumpAll(store);
    const expected = {
      ...{ profiles: 2, fragments: 2, events: 2 },
      ...{ received: 2, stored: 1, duplicates: 0, quarantined: 1 },
    };
    assert.deepEqual(await counts(), expected);
    await store.registry.putMapping(mails('Delivered'));
    await replay(store, 'mails@2');
    assert.deepEqual(await counts(), expected);
    for (const who of ['ann', 'bob']) {
      const timeline = await store.profiles.timeline(`userId:${who}`);
      assert.deepEqual(
        timeline?.items.map(({ event }) => event),
        ['Delivered'],
      );
    }
  });
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { identify, track } from '../../support/segment.ts';
import { ENVELOPE_CHECKS } from '../../../domain/ingestion/envelope.ts';
import { MESSAGE_ID_MAX_LENGTH } from '../../../domain/ingestion/limits.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { append, pumpAll, recordingObserver, SOURCE, tenantOn } from '../tenant.ts';

const embedded = storageSets[0];

describe('pump', () => {
  let storage: TestStorage;
  let store: TenantStore;

  beforeEach(async () => {
    assert.ok(embedded);
    storage = await embedded.open();
    store = await tenantOn(storage, 1_000);
  });

  afterEach(async () => {
    await storage.close();
  });

  const counts = async () => {
    const { profiles, fragments, events, sources } = await store.batches.counts();
    return { profiles, fragments, events, ...sources[SOURCE] };
  };
  const message = (event: string, userId: string, more: JsonObject = {}): JsonObject =>
    track(event, { userId, ...more }) as JsonObject;

  it('stores each message once and counts it', async () => {
    await append(store, [message('A', 'u1'), message('B', 'u2'), message('C', 'u1')]);
    const result = await pumpAll(store);
    assert.equal(result.ended, 'idle');
    assert.deepEqual(result.totals, { batches: 1, items: 3, stored: 3, duplicates: 0, quarantined: 0 });
    assert.deepEqual(await counts(), {
      profiles: 2,
      fragments: 2,
      events: 3,
      received: 3,
      stored: 3,
      duplicates: 0,
      quarantined: 0,
      pending: 0,
    });
    const view = await store.profiles.read('userId:u1');
    assert.equal(view?.state.events, 2);
  });

  it('drops an exact duplicate, in the same batch, in the same unit and in a later one, and lists it', async () => {
    const one = message('A', 'u1');
    const first = await append(store, [one, one]);
    await append(store, [one]);
    await pumpAll(store);
    await append(store, [{ ...one, sentAt: '2026-01-01T00:00:00.000Z' }]);
    await pumpAll(store);
    const { stored, duplicates, events, received } = await counts();
    assert.deepEqual(
      { stored, duplicates, events, received },
      { stored: 1, duplicates: 3, events: 1, received: 4 },
    );
    const listed = await store.batches.duplicates(SOURCE);
    assert.equal(listed.items.length, 3);
    for (const entry of listed.items) assert.deepEqual(entry.first, { batchId: first, index: 0 });
  });

  it('quarantines a message whose id is taken by other content', async () => {
    const one = message('A', 'u1');
    await append(store, [one, { ...one, event: 'B' }]);
    await pumpAll(store);
    await append(store, [{ ...one, event: 'C' }]);
    await pumpAll(store);
    const { stored, quarantined } = await counts();
    assert.deepEqual({ stored, quarantined }, { stored: 1, quarantined: 2 });
    const held = await store.quarantine.list({ source: SOURCE });
    assert.deepEqual(
      held.items.map((entry) => entry.reason.code),
      ['message-conflict', 'message-conflict'],
    );
  });

  it('quarantines what the gateway refused and what its mapping refuses, each with its reason', async () => {
    await append(store, [{ type: 'track', messageId: 'x1', event: 'No one' }, message('A', 'u1')]);
    await append(store, [{ no: 'type' }], { reject: { code: 'from-the-gateway', detail: 'no type' } });
    await pumpAll(store);
    const { stored, quarantined, pending } = await counts();
    assert.deepEqual({ stored, quarantined, pending }, { stored: 1, quarantined: 2, pending: 0 });
    const held = await store.quarantine.list({ source: SOURCE });
    const codes = held.items.map((entry) => entry.reason.code);
    assert.ok(codes.includes('from-the-gateway'));
    assert.ok(!codes.includes('poison'));
  });

  it('checks what was not checked when it was taken in, or by other checks, and nothing twice', async () => {
    const long = { ...message('x', 'u1'), messageId: 'x'.repeat(MESSAGE_ID_MAX_LENGTH + 1) };
    await append(store, [long]);
    await append(store, [long], { checked: ENVELOPE_CHECKS + 1 });
    await append(store, [message('A', 'u1')], { checked: ENVELOPE_CHECKS });
    await append(store, [long], { checked: ENVELOPE_CHECKS });
    await pumpAll(store);
    const { stored, quarantined } = await counts();
    assert.deepEqual({ stored, quarantined }, { stored: 2, quarantined: 2 });
    const held = await store.quarantine.list({ source: SOURCE });
    assert.deepEqual(
      held.items.map(({ reason }) => reason.code),
      ['too-long', 'too-long'],
    );
  });

  it('gives the same profile for any order of arrival', async () => {
    const at = (day: number) => ({ timestamp: `2026-01-0${day}T00:00:00.000Z` });
    const messages = [
      { ...identify({ userId: 'u', traits: { plan: 'free' } }), ...at(1) },
      { ...identify({ userId: 'u', traits: { plan: 'pro' } }), ...at(3) },
      { ...track('Bought', { userId: 'u', properties: { revenue: 0.1 } }), ...at(2) },
      { ...track('Bought', { userId: 'u', properties: { revenue: 0.2 } }), ...at(4) },
    ] as JsonObject[];
    await append(store, messages);
    await pumpAll(store);
    const ordered = await store.profiles.read('userId:u');
    assert.ok(embedded);
    const other = await embedded.open();
    try {
      const reversed = await tenantOn(other);
      for (const one of messages.toReversed()) {
        await append(reversed, [one]);
        await pumpAll(reversed);
      }
      assert.deepEqual((await reversed.profiles.read('userId:u'))?.state, ordered?.state);
    } finally {
      await other.close();
    }
  });

  it('joins an anonymous visit to the person at login', async () => {
    await append(store, [track('Seen', { anonymousId: 'a1' }) as JsonObject]);
    await pumpAll(store);
    await append(store, [identify({ anonymousId: 'a1', userId: 'u1' }) as JsonObject]);
    await pumpAll(store);
    const view = await store.profiles.read('anonymousId:a1');
    assert.equal(view?.state.events, 2);
    assert.equal((await counts()).profiles, 1);
  });

  it('isolates an item that fails by itself and lets its neighbours through', async () => {
    const bodies = Array.from({ length: 13 }, (_, i) => message('A', i === 7 ? 'bad' : `u${i}`));
    const batchId = await append(store, bodies);
    const bad = store.log.address({ type: 'userId', value: 'bad' });
    const observer = recordingObserver();
    const failing: TenantStore = {
      ...store,
      log: {
        ...store.log,
        append: (requests) => {
          if (requests.some((request) => request.tip.fragment === bad))
            throw new RangeError('u7@example.com');
          return store.log.append(requests);
        },
      },
    };
    await pumpAll(failing, { observer });
    const { stored, quarantined, events } = await counts();
    assert.deepEqual({ stored, quarantined, events }, { stored: 12, quarantined: 1, events: 12 });
    const held = await store.quarantine.list({ code: 'poison' });
    assert.deepEqual(
      held.items.map((entry) => entry.id),
      [`${batchId}-7`],
    );
    assert.ok(!JSON.stringify(held.items).includes('example.com'));
    assert.deepEqual(observer.poisoned, [`${batchId}-7`]);
  });

  it('lets two pumps of different lanes meet at one fragment and loses nothing', async () => {
    await store.registry.setLanes(SOURCE, 2);
    for (let i = 0; i < 10; i += 1) {
      await append(store, [message('A', 'same')], { lane: 0 });
      await append(store, [message('B', 'same')], { lane: 1 });
    }
    await Promise.all([pumpAll(store, { lane: 0 }), pumpAll(store, { lane: 1 })]);
    assert.equal((await store.profiles.read('userId:same'))?.state.events, 20);
    const { stored, fragments, profiles } = await counts();
    assert.deepEqual({ stored, fragments, profiles }, { stored: 20, fragments: 1, profiles: 1 });
  });

  it('marks the lane idle when it ends, so that the next batch wakes it', async () => {
    await append(store, [message('A', 'u1')]);
    await pumpAll(store);
    const receivedAt = new Date().toISOString();
    const { needsWake } = await store.batches.append(
      { source: SOURCE, lane: 0, mapping: 'segment', items: 1, receivedAt },
      [JSON.stringify({ body: message('B', 'u1'), receivedAt })],
    );
    assert.equal(needsWake, true);
  });
});

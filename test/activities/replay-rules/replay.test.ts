import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue } from '../../../domain/json.ts';
import { openStorage } from '../../../storage/open.ts';
import type { Storage } from '../../../storage/ports.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { dying } from '../dying.ts';
import type { Moment } from '../dying.ts';
import { append, pumpAll, tenantOn } from '../tenant.ts';
import { ask, partitionOf, run, sizes } from './replays.ts';

const PEOPLE = 6;

/** Visitors who log in on a kiosk of the shop: each on a device of their own too, once. */
function visits(): JsonValue[] {
  return Array.from({ length: PEOPLE }, (_, n) => n).flatMap((n) => [
    login(n, `own-${n}`, n),
    login(n, 'kiosk', PEOPLE + n),
    { ...login(n, `own-${n}`, 2 * PEOPLE + n), traits: { email: `${n % 2}@family.example` } },
  ]);
}

function login(n: number, anonymousId: string, minute: number): Record<string, JsonValue> {
  return {
    type: 'identify',
    userId: `user-${n}`,
    anonymousId,
    messageId: `${anonymousId}-${n}-${minute}`,
    timestamp: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
  };
}

describe('rules on history', function () {
  this.timeout(60_000);
  let dir: string;
  let storage: Storage;
  let store: TenantStore;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tessera-replay-'));
    storage = await openStorage({ kind: 'embedded', dir });
    store = await tenantOn(storage);
    await append(store, visits());
    await pumpAll(store);
  });
  afterEach(async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('reports what candidate rules would change, by name and with reasons, and changes nothing', async () => {
    const before = await partitionOf(store);
    await ask(store, 's1', {
      limits: { userId: 3 },
      unique: [],
      sharedDevice: { types: ['anonymousId'], after: 50 },
    });
    await run(store, 's1', 'simulate');
    assert.deepEqual(await partitionOf(store), before);
    const report = await store.simulations.report('s1');
    assert.ok(report);
    assert.equal(report.profiles.before, before.length);
    assert.ok(report.profiles.after < report.profiles.before);
    assert.ok(report.merges > 0);
    const [change] = report.changes;
    assert.ok(change && change.profiles.length > 1 && change.because.length > 0);
    assert.ok(change.because.every(({ refusedNow, refusedThen }) => refusedNow !== refusedThen));
    assert.equal((await store.simulations.get('s1'))?.status, 'simulated');
    assert.equal((await store.registry.config()).identity.version, 1);
  });

  it('finds that the rules in force change nothing', async () => {
    await ask(store, 's1', {});
    await run(store, 's1', 'simulate');
    const report = await store.simulations.report('s1');
    assert.deepEqual(
      [report?.merges, report?.splits, report?.regroups, report?.changes.length],
      [0, 0, 0, 0],
    );
  });

  it('promotes rules to what would have been, and undoes it to what had been', async () => {
    const before = await partitionOf(store);
    const change = { limits: { userId: 3, '*': 50 }, unique: [] };
    await ask(store, 's1', change);
    assert.ok((await run(store, 's1', 'promote')) > 0);
    const { identity } = await store.registry.config();
    assert.equal(identity.version, 2);
    assert.deepEqual(identity.limits, change.limits);
    const promoted = await partitionOf(store);
    assert.notDeepEqual(promoted, before);

    // A tenant that never had other rules, and the same events.
    const otherDir = await mkdtemp(join(tmpdir(), 'tessera-replay-'));
    const other = await tenantOn(await openStorage({ kind: 'embedded', dir: otherDir }));
    try {
      await other.registry.setRules({ ...identity }, { actor: 'tester' });
      await append(other, visits());
      await pumpAll(other);
      assert.deepEqual(sizes(await partitionOf(other)), sizes(promoted));
    } finally {
      await other.close();
      await rm(otherDir, { recursive: true, force: true });
    }

    await run(store, 's1', 'undo');
    assert.deepEqual(await partitionOf(store), before);
    assert.equal((await store.registry.config()).identity.version, 3);
    assert.deepEqual(
      (await store.registry.rulesVersions()).map(({ rules, by }) => [rules.version, by?.actor ?? null]),
      [
        [1, null],
        [2, 'tester'],
        [3, 'tester'],
      ],
    );
  });

  it('blocks a value of history that new rules name, and lets it in again', async () => {
    const before = await partitionOf(store);
    const blocked = [...(await store.registry.config()).identity.blocked, '/*@family.example/'];
    await ask(store, 's1', { blocked });
    await run(store, 's1', 'promote');
    const alone = await store.profiles.read('email:0@family.example');
    assert.equal(alone?.head.members.length, 1);
    assert.deepEqual(Object.values(alone.head.isolated ?? {}), ['blocked']);
    await run(store, 's1', 'undo');
    assert.deepEqual(await partitionOf(store), before);
  });

  for (const moment of ['before', 'after'] as const satisfies readonly Moment[]) {
    it(`ends as it should where the process dies at any call, ${moment} its effect`, async () => {
      const change = { limits: { userId: 3, '*': 50 }, unique: [] };
      await ask(store, 'whole', change);
      await run(store, 'whole', 'promote');
      const promoted = await partitionOf(store);
      await run(store, 'whole', 'undo');
      let deaths = 0;
      for (let n = 1; ; n += 13) {
        const id = `s${n}`;
        await ask(await tenantOn(storage), id, change);
        const dead = dying(storage, n, moment);
        const dyingStore = await tenantOn(dead.storage);
        dead.kill();
        const died = await run(dyingStore, id, 'promote').then(
          () => false,
          () => true,
        );
        // Another process goes on, with no memory of this one.
        const heir = await tenantOn(storage);
        if (died) {
          deaths++;
          await run(heir, id, 'promote');
        }
        assert.deepEqual(await partitionOf(store), promoted, `call ${n}`);
        await run(await tenantOn(storage), id, 'undo');
        if (!died) break;
      }
      assert.ok(deaths > 2, 'the process hardly died');
    });
  }
});

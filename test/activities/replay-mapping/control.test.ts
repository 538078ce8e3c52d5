import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { createReplayMappingActivities } from '../../../activities/replay-mapping/index.ts';
import { canonicalJson } from '../../../domain/canonical.ts';
import { emptyFragment, evolveFragment } from '../../../domain/profile/fold.ts';
import { presentEvent, presentProfile } from '../../../domain/profile/present.ts';
import type { Storage } from '../../../storage/ports.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { dying, type Moment } from '../dying.ts';
import { quietEnvironment, runActivity, SOURCE, TENANT, tenantOn } from '../tenant.ts';
import { ask, carryOut, mappingOf, replay, take } from './run.ts';

/** Mappings that disagree on who an item is about, what it says, and whether it can be taken. */
const PATHS = [
  { identifiers: { loyaltyId: 'card', email: 'mail' }, traits: { city: 'town' } },
  { identifiers: { userId: 'customer', email: 'mail' }, traits: { city: 'town' } },
  { identifiers: { userId: 'customer', loyaltyId: 'card' }, traits: { city: 'city' }, required: 'customer' },
  { identifiers: { email: 'mail', phone: 'phone' }, traits: { town: 'town' }, event: 'Visit' },
  { identifiers: { loyaltyId: 'card', email: 'mail', userId: 'customer' }, messageId: 'no' },
] as const;

interface Sale {
  readonly card: number;
  readonly mail: number;
  readonly customer: number;
  readonly town: number;
}

const anySale: fc.Arbitrary<Sale> = fc.record({
  card: fc.nat(3),
  mail: fc.nat(3),
  customer: fc.nat(4),
  town: fc.nat(2),
});
const bodyOf = ({ card, mail, customer, town }: Sale, n: number): object => ({
  ...{ card: `c${card}`, mail: `m${mail}@x.example`, phone: `+4930123450${mail}`, no: `no-${n}` },
  ...(customer < 4 && { customer: `u${customer}` }),
  ...{ town: `t${town}`, city: `k${town}`, revenue: `${town}.50` },
});
const PEOPLE = [0, 1, 2, 3].flatMap((n) => [
  ...[`loyaltyId:c${n}`, `email:m${n}@x.example`, `userId:u${n}`, `phone:+4930123450${n}`],
]);

/** What readers see of everybody, without the ids of profiles and with message ids by the order of items. */
async function seen(store: TenantStore): Promise<string> {
  const names = new Map<string, string>();
  const people = [];
  for (const who of PEOPLE) {
    const view = await store.profiles.read(who);
    const timeline = view && (await store.profiles.timeline(who));
    const now = view && (await store.profiles.read(who, { asOf: '2030-01-01T00:00:00.000Z' }));
    if (now)
      assert.equal(canonicalJson(presentProfile(now.state)), canonicalJson(presentProfile(view.state)));
    people.push([who, view && presentProfile(view.state), timeline?.items.map(presentEvent)]);
  }
  const { profiles, fragments, events, sources } = await store.batches.counts();
  const { stored, quarantined, received, pending } = sources[SOURCE] ?? {};
  assert.equal(received, (stored ?? 0) + (quarantined ?? 0) + (pending ?? 0));
  const text = canonicalJson({ people, profiles, fragments, events, stored, quarantined });
  // An item that brings no id is known by its batch, which is another in each tenant; batches sort as they came.
  const batches = [...new Set(text.match(/[0-9A-HJKMNP-TV-Z]{26}(?=-\d)/g) ?? [])].sort();
  batches.forEach((batch, at) => names.set(batch, `batch${at}`));
  return [...names].reduce((left, [batch, name]) => left.replaceAll(batch, name), text);
}

/** As outsiders look at the log: each fragment's events in force fold to its state. */
async function assertRefolds(store: TenantStore, storage: Storage): Promise<void> {
  const policy = (await store.registry.config()).fold;
  const fragments = new Set<string>();
  for await (const { pk } of storage.log.scan('f/')) fragments.add(pk.slice(2));
  let events = 0;
  for (const { fragment, state } of await store.log.load([...fragments])) {
    const stored = (await store.log.read(fragment)).flatMap((commit) => commit.events);
    events += stored.length;
    const folded = stored.reduce((so, event) => evolveFragment(so, event, policy), emptyFragment);
    assert.equal(JSON.stringify(folded), JSON.stringify(state));
    const head = await store.directory.profileOf(fragment);
    assert.equal(head?.members.filter((member) => member.fragment === fragment).length, 1);
  }
  assert.equal((await store.batches.counts()).events, events);
}

async function on<T>(run: (store: TenantStore, storage: TestStorage) => Promise<T>): Promise<T> {
  const [embedded] = storageSets;
  assert.ok(embedded);
  const storage = await embedded.open();
  try {
    const store = await tenantOn(storage);
    const { identity } = await store.registry.config();
    const blocked = [...identity.blocked, 'm3@x.example'];
    await store.registry.setConfig({ defaultCountry: 'DE', identity: { ...identity, blocked } });
    return await run(store, storage);
  } finally {
    await storage.close();
  }
}

async function filled(
  store: TenantStore,
  batches: readonly (readonly Sale[])[],
  mapping: string,
): Promise<void> {
  let first = 0;
  for (const batch of batches) {
    const start = first;
    await take(
      store,
      batch.map((sale, at) => bodyOf(sale, start + at)),
      { mapping, first },
    );
    first += batch.length;
  }
}

const anyRun = fc.record({
  batches: fc.array(fc.array(anySale, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
  before: fc.nat(PATHS.length - 1),
  after: fc.nat(PATHS.length - 1),
});

describe('a tenant whose items were mapped again', () => {
  it('is what it would have been by the new version at once, and by the former when that is taken back', async function () {
    this.timeout(600_000);
    let differed = 0;
    await fc.assert(
      fc.asyncProperty(anyRun, async ({ batches, before, after }) => {
        const define = async (store: TenantStore): Promise<void> => {
          for (const paths of [PATHS[before], PATHS[after]])
            if (paths !== undefined) await store.registry.putMapping(mappingOf(paths));
        };
        const [was, expected] = await Promise.all(
          ['till@1', 'till@2'].map((mapping) =>
            on(async (store) => {
              await define(store);
              await filled(store, batches, mapping);
              return seen(store);
            }),
          ),
        );
        if (was !== expected) differed += 1;
        await on(async (store, storage) => {
          await define(store);
          await filled(store, batches, 'till@1');
          const told = await store.batches.counts();
          await replay(store, 'till@2');
          const { sources } = await store.batches.counts();
          if (told.sources[SOURCE]?.quarantined === 0) assert.equal(await seen(store), expected);
          assert.ok(sources[SOURCE]);
          await assertRefolds(store, storage);
          const quarantined = sources[SOURCE].quarantined;
          await replay(store, 'till@1');
          if (quarantined === 0) assert.equal(await seen(store), was);
          await assertRefolds(store, storage);
        });
      }),
      { numRuns: Number(process.env['TESSERA_REPLAY_RUNS'] ?? 12) },
    );
    assert.ok(differed > 3, `the mappings hardly differ: ${differed}`);
  });
});

describe('a replay whose process dies', () => {
  const sales: Sale[] = [
    { card: 0, mail: 0, customer: 0, town: 0 },
    { card: 0, mail: 1, customer: 1, town: 1 },
    { card: 1, mail: 1, customer: 4, town: 2 },
  ];

  /** The run up to where its process dies at the n-th call of a slice; whether it lived. */
  async function die(storage: Storage, runId: string, n: number, moment: Moment): Promise<boolean> {
    const { storage: doomed, kill } = dying(storage, n, moment);
    const store = await tenantOn(doomed);
    const activities = createReplayMappingActivities({ store, settleMs: 0 });
    const at = { tenant: TENANT, source: SOURCE, runId };
    await runActivity(() => activities.planReplay(at));
    kill();
    try {
      await runActivity(() => activities.replaySlice({ ...at, slice: 0 }), quietEnvironment());
      return true;
    } catch {
      return false;
    }
  }

  for (const moment of ['before', 'after'] as const) {
    it(`corrects each item once and counts exactly, ${moment} the effect of any one call`, async function () {
      this.timeout(600_000);
      const once = async (n?: number): Promise<{ state: string; lived: boolean }> =>
        on(async (store, storage) => {
          for (const at of [0, 2]) await store.registry.putMapping(mappingOf(PATHS[at] ?? PATHS[0]));
          await filled(store, [sales], 'till@1');
          const runId = await ask(store, 'till@2');
          const lived = n === undefined || (await die(storage, runId, n, moment));
          const again = await tenantOn(storage);
          await carryOut(again, runId, 0);
          await assertRefolds(again, storage);
          return { state: await seen(again), lived };
        });
      const { state: expected } = await once();
      let crashes = 0;
      for (let n = 1; ; n += 1) {
        const { state, lived } = await once(n);
        assert.equal(state, expected, `call ${n}`);
        if (lived) break;
        crashes += 1;
      }
      assert.ok(crashes > 15, `only ${crashes} calls were tried`);
    });
  }
});

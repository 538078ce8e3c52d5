import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import type { JsonValue } from '../../../domain/json.ts';
import { openStorage } from '../../../storage/open.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { append, pumpAll, tenantOn } from '../tenant.ts';
import { ask, partitionOf, run } from './replays.ts';

const OPEN = DEFAULT_IDENTITY_RULES.blocked;
const CLOSED = [...OPEN, '/guest-*/', '/*@desk.example/'];
/** More than the rules take for one person's, so that the value is junk once it is let in. */
const CROWD = 120;

let minute = 0;
function visit(given: Record<string, string>, email?: string): JsonValue {
  minute++;
  return {
    type: 'identify',
    ...given,
    ...(email === undefined ? {} : { traits: { email } }),
    messageId: `m-${minute}`,
    timestamp: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
  };
}

const VISITS = [
  // One guest on two devices, and with an address of their own.
  visit({ userId: 'guest-1', anonymousId: 'phone-1' }),
  visit({ userId: 'guest-1', anonymousId: 'laptop-1' }, 'one@example.com'),
  // A device that two guests used: they stay two.
  visit({ userId: 'guest-2', anonymousId: 'shared' }),
  visit({ userId: 'guest-3', anonymousId: 'shared' }),
  visit({ userId: 'guest-3', anonymousId: 'laptop-3' }),
  // A guest nobody else was seen with.
  visit({ userId: 'guest-4', anonymousId: 'phone-4' }),
  // The desk writes its own address into the form of whoever comes.
  ...Array.from({ length: CROWD }, (_, n) => visit({ userId: `member-${n}` }, 'front@desk.example')),
];
const ADDRESSES = [
  ...['userId:guest-1', 'userId:guest-2', 'userId:guest-3', 'userId:guest-4', 'email:one@example.com'],
  ...['anonymousId:phone-1', 'anonymousId:laptop-1', 'anonymousId:shared', 'anonymousId:laptop-3'],
  ...['anonymousId:phone-4', 'email:front@desk.example', 'userId:member-7'],
];

interface Tenant {
  readonly store: TenantStore;
  readonly close: () => Promise<void>;
}

async function tenantWith(blocked: readonly string[]): Promise<Tenant> {
  const dir = await mkdtemp(join(tmpdir(), 'tessera-blocked-'));
  const store = await tenantOn(await openStorage({ kind: 'embedded', dir }));
  await store.registry.setRules({ ...DEFAULT_IDENTITY_RULES, blocked }, { actor: 'tester' });
  await append(store, VISITS);
  await pumpAll(store);
  const close = async (): Promise<void> => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  };
  return { store, close };
}

/**
 * Of each address the identifiers it is with, why it stands by itself, and what was refused it. What an event that was
 * refused to somebody did stays with whoever the event was named by, so what people did is compared apart.
 */
async function people(store: TenantStore): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const address of ADDRESSES) {
    const view = await store.profiles.read(address);
    const refused = view?.head.refused.map(({ evidence }) => evidence.messageId);
    found[address] = view && {
      identifiers: Object.keys(view.state.identifiers).sort(),
      isolated: Object.values(view.head.isolated ?? {}),
      // Of a crowd, its own profile keeps only what made it one.
      refused: view.head.isolated === undefined ? refused?.sort() : [],
    };
  }
  return found;
}

describe('values that were blocked when they came', function () {
  this.timeout(120_000);
  let open: Tenant;
  let closed: Tenant;
  beforeEach(async () => {
    [open, closed] = [await tenantWith(OPEN), await tenantWith(CLOSED)];
  });
  afterEach(async () => {
    await open.close();
    await closed.close();
  });

  it('name nobody, and are kept as evidence with whom they were seen with', async () => {
    const { store } = closed;
    assert.equal(await store.profiles.read('userId:guest-1'), undefined);
    const phone = await store.profiles.read('anonymousId:phone-1');
    assert.deepEqual(Object.keys(phone?.state.identifiers ?? {}), ['anonymousId:phone-1']);
    assert.deepEqual(
      phone?.head.refused.map(({ refusedBy, type }) => [refusedBy, type]),
      [['blocked', 'userId']],
    );
    const page = await store.profiles.timeline('anonymousId:phone-1');
    assert.deepEqual(page?.items[0]?.blocked, [{ type: 'userId', value: 'guest-1' }]);
  });

  it('link, once rules let them in, as if they had never been blocked', async () => {
    const { store } = closed;
    const before = await partitionOf(store);
    await ask(store, 's1', { blocked: OPEN });
    await run(store, 's1', 'simulate');
    const report = await store.simulations.report('s1');
    assert.ok(report && report.merges > 0);
    assert.deepEqual(await partitionOf(store), before);
    await run(store, 's1', 'promote');
    const heads = await open.store.directory.heads({ limit: 1_000 });
    assert.equal(report.profiles.after, heads.heads.length);
    assert.deepEqual(await people(store), await people(open.store));
    for (const address of ['userId:guest-1', 'userId:guest-4']) {
      const [ours, theirs] = [await store.profiles.read(address), await open.store.profiles.read(address)];
      assert.deepEqual(ours?.state, theirs?.state);
    }
  });

  it('are evidence for events that come after they were let in', async () => {
    const more = [visit({ userId: 'guest-4', anonymousId: 'phone-4b' }), visit({ anonymousId: 'phone-4b' })];
    const { store } = closed;
    await ask(store, 's1', { blocked: OPEN });
    await run(store, 's1', 'promote');
    for (const each of [store, open.store]) {
      await append(each, more);
      await pumpAll(each);
    }
    const view = await store.profiles.read('anonymousId:phone-4');
    assert.equal(view?.state.events, 3);
    assert.deepEqual(await people(store), await people(open.store));
  });

  it('link nobody any more, once that is undone', async () => {
    const { store } = closed;
    const before = await partitionOf(store);
    await ask(store, 's1', { blocked: OPEN });
    await run(store, 's1', 'promote');
    await run(store, 's1', 'undo');
    const after = await partitionOf(store);
    // What was let in keeps the address it got, and stands by itself.
    for (const group of before) assert.ok(after.includes(group));
    assert.ok(after.filter((group) => !before.includes(group)).every((group) => !group.includes(' ')));
    assert.deepEqual(Object.values((await store.profiles.read('userId:guest-1'))?.head.isolated ?? {}), [
      'blocked',
    ]);
  });
});

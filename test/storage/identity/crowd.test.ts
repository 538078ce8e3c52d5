import assert from 'node:assert/strict';
import type { Evidence, GraphNode } from '../../../domain/identity/evidence.ts';
import { partition } from '../../../domain/identity/partition.ts';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import type { IdentityRules } from '../../../domain/identity/rule-types.ts';
import { ProfileTooLarge, encodeDecision } from '../../../storage/identity/codec.ts';
import { APART_PREFIX } from '../../../storage/identity/layout.ts';
import { REFUSED_MAX } from '../../../storage/identity/refusals.ts';
import { directoryOn, memoryTable } from './memory.ts';

const node = (type: string, n: number): GraphNode => ({
  fragment: `${type}-${String(n).padStart(6, '0')}`,
  type,
});
const between = (a: GraphNode, b: GraphNode, second: number): Evidence => ({
  a,
  b,
  rule: 'same-event',
  firstSeen: new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString(),
  source: 'web',
  messageId: `message-${second}`,
});

/** Crowds are let in: what keeps them out is another test's. */
const { version, priority, unique, limits, blocked } = DEFAULT_IDENTITY_RULES;
const OPEN_RULES: IdentityRules = { version, priority, unique, limits, blocked };

describe('the profile directory with crowds', () => {
  const shared = node('email', 0);
  const users = Array.from({ length: 400 }, (_, n) => node('userId', n));

  it('stores what needs many transactions: hundreds of people who share one email', async () => {
    const table = memoryTable();
    const directory = directoryOn(table, OPEN_RULES);
    const evidence = users.map((user, n) => between(user, shared, n));
    const { minted, profiles } = await directory.resolve({ nodes: [shared, ...users], evidence }, 'b1');
    assert.equal(minted.length, users.length);
    assert.equal(profiles.get(shared.fragment), profiles.get(users[0]!.fragment));
    const head = await directory.profileOf(shared.fragment);
    assert.equal(head?.refused.length, users.length - 1);
    assert.equal((await directory.profileOf(users[7]!.fragment))?.refused.length, 1);
  });

  it('moves the shared email to the one who had it first, without loading the crowd', async () => {
    const table = memoryTable();
    const directory = directoryOn(table, OPEN_RULES);
    await directory.resolve(
      { nodes: [], evidence: users.map((user, n) => between(user, shared, n + 10)) },
      'b1',
    );
    const first = node('userId', 9999);
    const written = table.items.size;
    await directory.resolve({ nodes: [], evidence: [between(first, shared, 0)] }, 'b2');
    assert.equal((await directory.profileOf(shared.fragment))?.members.length, 2);
    assert.equal((await directory.profileOf(first.fragment))?.members.length, 2);
    assert.equal((await directory.profileOf(users[0]!.fragment))?.members.length, 1);
    assert.ok(table.items.size - written < 10);
  });

  it('takes in portions what is too much for one transaction', async () => {
    const table = memoryTable();
    const rules = { ...OPEN_RULES, limits: {} };
    const directory = directoryOn(table, rules);
    const cards = Array.from({ length: 500 }, (_, n) => node('loyaltyId', n));
    const evidence = cards.slice(1).map((card, n) => between(cards[n]!, card, n));
    const { minted, mergedAway, profiles } = await directory.resolve({ nodes: cards, evidence }, 'b1');
    assert.equal(new Set(profiles.values()).size, 1);
    assert.equal(minted.length - mergedAway.length, 1);
    assert.equal((await directory.profileOf(cards[250]!.fragment))?.links.length, 499);
  });

  it('keeps at a profile that thousands touch what is strongest, and the rest apart', async () => {
    const table = memoryTable();
    const directory = directoryOn(table, OPEN_RULES);
    const crowd = Array.from({ length: 3000 }, (_, n) => between(node('userId', n), shared, n));
    const first = await directory.resolve({ nodes: [shared], evidence: crowd }, 'b1');
    assert.equal(first.minted.length, 3000);
    const head = await directory.profileOf(shared.fragment);
    assert.equal(head?.refused.length, REFUSED_MAX);
    assert.ok(head.refused.some(({ evidence }) => evidence.messageId === 'message-1'));
    assert.equal((await directory.profileOf(node('userId', 2999).fragment))?.refused.length, 1);
    const before = [...table.items];
    assert.deepEqual(await directory.resolve({ nodes: [shared], evidence: crowd }, 'b1'), first);
    assert.deepEqual([...table.items], before);
  });

  it('forgets of what is kept apart what a correction takes back', async () => {
    const table = memoryTable();
    const directory = directoryOn(table, OPEN_RULES);
    const crowd = Array.from({ length: 1_000 }, (_, n) => between(node('userId', n), shared, n));
    await directory.resolve({ nodes: [shared], evidence: crowd }, 'b1');
    const heldApart = (): number =>
      [...table.items.keys()].filter((key) => key.startsWith(APART_PREFIX)).length;
    const before = heldApart();
    const withdrawn = crowd.slice(-20);
    await directory.correct(
      { nodes: [], withdrawn, evidence: [], empty: new Set(), blocked: new Set() },
      'c1',
    );
    assert.equal(heldApart(), before - withdrawn.length);
    const ids = new Set(withdrawn.map(({ messageId }) => messageId));
    const refused = (await directory.profileOf(shared.fragment))?.refused ?? [];
    assert.ok(!refused.some(({ evidence }) => ids.has(evidence.messageId)));
  });

  it('finds, beyond what a head has room for, what may join once something gives way', async () => {
    // An address and a phone that 600 people showed, all of whom have their own: only with each other they may be.
    const most = { crmId: 1, email: 1, phone: 1 };
    const rules: IdentityRules = { ...OPEN_RULES, unique: ['crmId'], limits: most };
    const table = memoryTable();
    const directory = directoryOn(table, rules);
    const [address, phone] = [node('email', 0), node('phone', 0)];
    const [one, two] = [node('crmId', 1), node('crmId', 2)];
    const holders = [between(one, address, 1), between(two, phone, 2)];
    const crowd = users.concat(Array.from({ length: 200 }, (_, n) => node('userId', 1000 + n)));
    const own = crowd.flatMap((user, n) => [
      between(user, node('email', n + 1), n + 10),
      between(user, node('phone', n + 1), n + 10),
    ]);
    const shown = crowd.flatMap((user, n) => [
      between(user, address, n + 2_000),
      between(user, phone, n + 3_000),
    ]);
    const last = between(address, phone, 9_000);
    const evidence = [...holders, ...own, ...shown, last];
    await directory.resolve({ nodes: [], evidence: [...holders, ...own, ...shown] }, 'b1');
    await directory.resolve({ nodes: [], evidence: [last] }, 'b2');
    const held = await directory.profileOf(address.fragment);
    assert.equal(held?.refused.length, REFUSED_MAX);
    assert.ok(!held.refused.some(({ evidence: { messageId } }) => messageId === last.messageId));
    const apart = { kind: 'split' as const, id: 'r1', at: last.firstSeen, away: [one] };
    const { refused } = await directory.resolve({ nodes: [], evidence: [], splits: [apart] }, 'b3');
    assert.equal(refused.size, 0);
    const expected = partition([], evidence, rules, [
      { id: 'r1', at: apart.at, rule: 'never', a: [one], b: [address] },
    ]);
    const together = expected.components.find(({ members }) =>
      members.some(({ fragment }) => fragment === address.fragment),
    );
    assert.deepEqual((await directory.profileOf(address.fragment))?.members, together?.members);
    assert.equal(together?.members.length, 3);
  });

  it('keeps members beyond the room of an item in pages, and reads them as any others', async () => {
    const table = memoryTable();
    const directory = directoryOn(table, { ...OPEN_RULES, limits: {} });
    const hub = node('loyaltyId', 0);
    const crowd = Array.from({ length: 3000 }, (_, n) => between(node('crmId', n), hub, n));
    for (let from = 0; from < crowd.length; from += 1000)
      await directory.resolve({ nodes: [], evidence: crowd.slice(from, from + 1000) }, `b${String(from)}`);
    const head = await directory.profileOf(hub.fragment);
    assert.equal(head?.members.length, 3001);
    assert.equal(head.links.length, 3000);
    assert.ok([...table.items.keys()].some((key) => key.startsWith('g/')));
    assert.deepEqual(await directory.profileOf(node('crmId', 2999).fragment), head);
    const decisions = await directory.decisions(head.profileId);
    assert.deepEqual(decisions.at(-1)?.head, head);
    assert.deepEqual(
      decisions.map(({ version }) => version),
      decisions.map((_, index) => index + 1),
    );
  });

  it('leaves a value that a thousand people share to itself, batch by batch', async () => {
    const directory = directoryOn(memoryTable(), DEFAULT_IDENTITY_RULES);
    const people = Array.from({ length: 1_000 }, (_, n) => [node('loyaltyId', n), node('phone', n)] as const);
    // Each comes with a phone of their own first, and only then with the value that all share.
    const evidence = people.flatMap(([card, phone], n) => [
      between(card, phone, n),
      between(card, shared, n + 10),
    ]);
    for (let from = 0; from < evidence.length; from += 200)
      await directory.resolve({ nodes: [], evidence: evidence.slice(from, from + 200) }, `b${from}`);
    const alone = await directory.profileOf(shared.fragment);
    assert.deepEqual(alone?.isolated, { [shared.fragment]: 'junk' });
    assert.equal(alone.members.length, 1);
    for (const [card, phone] of people) {
      const head = await directory.profileOf(card.fragment);
      assert.deepEqual(
        head?.members.map(({ fragment }) => fragment),
        [card.fragment, phone.fragment],
      );
    }
  });

  it('says which profile is too large instead of storing half of it', () => {
    const members = Array.from({ length: 100_000 }, (_, n) => node('crmId', n));
    const head = {
      ...{ profileId: 'p_1', mintedAt: '2026-01-01T00:00:00.000Z', mintedBy: 'b1', rulesVersion: 1 },
      ...{ members, links: [], refused: [], moved: {} },
    };
    const decision = {
      version: 1,
      recordedAt: head.mintedAt,
      kind: 'minted',
      cause: 'b1',
      others: [],
    } as const;
    assert.throws(() => encodeDecision({ ...decision, head }), ProfileTooLarge);
  });
});

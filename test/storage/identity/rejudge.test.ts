import assert from 'node:assert/strict';
import type { Evidence, GraphNode, IdentityRules } from '../../../domain/identity/evidence.ts';
import type { Isolation } from '../../../domain/identity/isolation.ts';
import { partition } from '../../../domain/identity/partition.ts';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import { WRITE_OPS_MAX } from '../../../storage/ports.ts';
import { shape } from '../../domain/identity/samples.ts';
import { directoryOn, memoryTable } from './memory.ts';
import type { MemoryTable } from './memory.ts';
import { headsOf, partitionOf } from './seen.ts';

const CARDS = 120;
const node = (type: string, n: number): GraphNode => ({ fragment: `${type}-${1000 + n}`, type });
const between = (one: GraphNode, other: GraphNode, second: number): Evidence => ({
  ...(one.fragment < other.fragment ? { a: one, b: other } : { a: other, b: one }),
  rule: 'same-event',
  firstSeen: new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString(),
  source: 'web',
  messageId: `message-${second}`,
});

const { version, priority, blocked } = DEFAULT_IDENTITY_RULES;
const APART: IdentityRules = { version, priority, blocked, unique: ['loyaltyId'], limits: {} };
const TOGETHER: IdentityRules = { ...APART, version: 2, unique: [] };
const PAIRS: IdentityRules = { ...APART, version: 3, unique: [], limits: { loyaltyId: 2 } };

const household = node('email', 0);
const cards = Array.from({ length: CARDS }, (_, n) => node('loyaltyId', n));
const phones = Array.from({ length: CARDS / 2 }, (_, n) => node('phone', n));
const NODES = [household, ...cards, ...phones];
/** Every card shows the household's address; two neighbours share a phone. */
const EVIDENCE = cards.flatMap((card, n) => [
  between(card, household, n),
  between(card, phones[Math.floor(n / 2)]!, CARDS + n),
]);

const REGION = { fragments: NODES.map(({ fragment }) => fragment), isolated: new Map<string, Isolation>() };

async function told(rules: IdentityRules): Promise<MemoryTable> {
  const table = memoryTable();
  await directoryOn(table, rules).resolve({ nodes: NODES, evidence: EVIDENCE }, 'b0');
  return table;
}

async function standsAs(table: MemoryTable, rules: IdentityRules): Promise<void> {
  const heads = await headsOf(directoryOn(table, rules), NODES);
  assert.deepEqual(shape(partitionOf(heads)), shape(partition(NODES, EVIDENCE, rules)));
}

/** Every refusal is kept at both of its ends. */
async function knownAtBothEnds(table: MemoryTable, rules: IdentityRules): Promise<void> {
  for (const head of await headsOf(directoryOn(table, rules), NODES)) {
    const members = new Set(head.members.map(({ fragment }) => fragment));
    for (const { evidence, refusedBy } of head.refused) {
      assert.notEqual(refusedBy, 'too-large');
      const other = members.has(evidence.a.fragment) ? evidence.b : evidence.a;
      const there = await directoryOn(table, rules).profileOf(other.fragment);
      assert.ok(there?.refused.some((known) => known.evidence.messageId === evidence.messageId));
    }
  }
}

describe('a set of profiles that takes more than one transaction', function () {
  this.timeout(120_000);

  it('is judged anew in steps, to what the rules make of its evidence, and back', async () => {
    assert.ok(REGION.fragments.length > WRITE_OPS_MAX);
    const table = await told(APART);
    for (const [n, rules] of [TOGETHER, PAIRS, TOGETHER, APART].entries()) {
      assert.equal(await directoryOn(table, rules).rejudge(REGION, `s${n}`), true);
      await standsAs(table, rules);
      await knownAtBothEnds(table, rules);
    }
  });

  it('changes nothing where it is as it should be', async () => {
    const table = await told(APART);
    const directory = directoryOn(table, TOGETHER);
    await directory.rejudge(REGION, 's1');
    const before = [...table.items];
    assert.equal(await directory.rejudge(REGION, 's1'), true);
    assert.deepEqual([...table.items], before);
  });

  it('takes in what comes between two steps', async () => {
    const table = await told(APART);
    const late = node('deviceId', 0);
    const news = between(cards[5]!, late, 5_000);
    const writer = directoryOn(table, TOGETHER);
    await Promise.all([
      directoryOn(table, TOGETHER).rejudge(REGION, 's1'),
      writer.resolve({ nodes: [], evidence: [news] }, 'b1'),
    ]);
    const heads = await headsOf(writer, [...NODES, late]);
    const expected = partition([...NODES, late], [...EVIDENCE, news], TOGETHER);
    assert.deepEqual(shape(partitionOf(heads)), shape(expected));
  });

  for (const when of ['before', 'after'] as const) {
    it(`ends the same where the store fails at any call, ${when} its effect`, async () => {
      let failures = 0;
      for (const [from, to] of [
        [APART, TOGETHER],
        [TOGETHER, APART],
      ] as const) {
        for (let call = 1; ; call++) {
          const table = await told(from);
          table.failAt = { call: table.calls + call, when };
          const failed = await directoryOn(table, to)
            .rejudge(REGION, 's1')
            .then(
              () => false,
              () => true,
            );
          delete table.failAt;
          // Nobody is in two profiles even in between.
          await headsOf(directoryOn(table, to), NODES);
          if (!failed) break;
          failures++;
          assert.equal(await directoryOn(table, to).rejudge(REGION, 's1'), true);
          await standsAs(table, to);
        }
      }
      assert.ok(failures > 6, `it hardly failed: ${failures}`);
    });
  }
});

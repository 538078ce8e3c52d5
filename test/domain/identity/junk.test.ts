import assert from 'node:assert/strict';
import type { Evidence, GraphNode, ProfileHead } from '../../../domain/identity/evidence.ts';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import { WholeGraph } from '../../../domain/identity/whole/columns.ts';
import { judgeWhole } from '../../../domain/identity/whole/judge.ts';
import type { WholePartition } from '../../../domain/identity/whole/judge.ts';

const PEOPLE = 20_000;
/** Devices that each person was seen on, and used with the junk value. */
const DEVICES = 2;

const node = (type: string, n: number): GraphNode => ({ fragment: `${type}-${n}`, type });
const between = (a: GraphNode, b: GraphNode, second: number): Evidence => ({
  ...(a.fragment < b.fragment ? { a, b } : { a: b, b: a }),
  rule: 'same-event',
  firstSeen: new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString(),
  source: 'web',
  messageId: `m-${second}`,
});

/** A person without anything unique: only counting tells that they are not all one. */
function personHead(n: number, junk: GraphNode): ProfileHead {
  const card = node('loyaltyId', n);
  const devices = Array.from({ length: DEVICES }, (_, d) => node('anonymousId', n * DEVICES + d));
  const members = [card, ...devices];
  return {
    ...{ profileId: `p_${n}`, mintedAt: '2026-01-01T00:00:00.000Z', mintedBy: 'b1', rulesVersion: 1 },
    members,
    links: [...devices.map((device) => between(card, device, n)), ...members.map((m) => between(m, junk, n))],
    refused: [],
    moved: {},
  };
}

function sizesOf({ label }: WholePartition): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const name of label) sizes.set(name, (sizes.get(name) ?? 0) + 1);
  return sizes;
}

describe('20,000 people who share one junk value', function () {
  this.timeout(30_000);
  const junk = node('email', 0);
  const graph = new WholeGraph();

  before(() => {
    for (let n = 0; n < PEOPLE; n++) graph.add(personHead(n, junk));
  });

  it('are each a profile of their own, and the value stands by itself without anybody having listed it', () => {
    const judged = judgeWhole(graph, DEFAULT_IDENTITY_RULES, new Set());
    const sizes = sizesOf(judged);
    const value = graph.fragments.find(junk.fragment) ?? -1;
    assert.deepEqual([...judged.isolated], [[value, 'junk']]);
    assert.equal(sizes.get(judged.label[value] ?? -1), 1);
    assert.equal(sizes.size, PEOPLE + 1);
    assert.equal(Math.max(...sizes.values()), 1 + DEVICES);
  });

  it('are one component of them all where no rule looks, so that the test above tells something', () => {
    const { version, priority, unique, blocked } = DEFAULT_IDENTITY_RULES;
    const judged = judgeWhole(graph, { version, priority, unique, blocked, limits: {} }, new Set());
    assert.deepEqual([...sizesOf(judged).values()], [PEOPLE * (1 + DEVICES) + 1]);
  });

  it('never make a component beyond the alarm, even with only the alarm to stop them', () => {
    const { version, priority, unique, blocked, alarm } = DEFAULT_IDENTITY_RULES;
    assert.ok(alarm);
    const judged = judgeWhole(graph, { version, priority, unique, blocked, limits: {}, alarm }, new Set());
    const largest = Math.max(...sizesOf(judged).values());
    assert.ok(largest <= 1_000, `${largest} fragments in one profile`);
  });
});

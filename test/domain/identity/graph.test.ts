import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judgeAnew } from '../../../domain/identity/displace.ts';
import type { Displacement } from '../../../domain/identity/displace.ts';
import type { Evidence, IdentityRules, Partition, Refusal } from '../../../domain/identity/evidence.ts';
import { applyEvidence, createGraph, single } from '../../../domain/identity/graph.ts';
import type { Cluster, Graph } from '../../../domain/identity/graph.ts';
import { partition } from '../../../domain/identity/partition.ts';
import { TIGHT_RULES, anyEvidence, anyRulings, node, piece, shape } from './samples.ts';
import type { Ruled } from './samples.ts';

/** A graph that shows a cluster only after it was asked for, as one that loads does. */
function hiding(graph: Graph): Graph & { reveal(fragment: string): void } {
  const seen = new Set<string>();
  return {
    ...graph,
    clusterOf: (fragment) => {
      const cluster = graph.clusterOf(fragment);
      return cluster && [...cluster.members.keys()].some((member) => seen.has(member)) ? cluster : undefined;
    },
    reveal: (fragment) => seen.add(fragment),
  };
}

function incremental(
  steps: readonly (Evidence | Ruled)[],
  rules: IdentityRules = TIGHT_RULES,
): { partition: Partition; displaced: number } {
  const whole = createGraph(rules);
  const ids = Array.from({ length: 16 }, (_, index) => node(index));
  ids.forEach((id, index) => {
    whole.place(single(id, index));
  });
  let displaced = 0;
  for (const next of steps) {
    if ('ruling' in next) {
      const graph = hiding(whole);
      const { ruling, joins } = next;
      for (const { fragment } of [...ruling.a, ...ruling.b]) graph.reveal(fragment);
      for (;;) {
        const result = judgeAnew(graph, { rulings: [ruling], evidence: joins }, 16);
        if (result.status === 'done') break;
        assert.equal(result.status, 'needs');
        for (const needed of result.nodes) graph.reveal(needed.fragment);
      }
      continue;
    }
    const graph = hiding(whole);
    graph.reveal(next.a.fragment);
    graph.reveal(next.b.fragment);
    if (applyEvidence(graph, next) !== 'displaces') continue;
    displaced++;
    const again = (): Displacement => judgeAnew(graph, { evidence: [next], rulings: [] }, 16);
    for (let result = again(); result.status !== 'done'; result = again()) {
      assert.equal(result.status, 'needs');
      for (const needed of result.nodes) graph.reveal(needed.fragment);
    }
  }
  const clusters = new Set(ids.map((id) => whole.clusterOf(id.fragment) as Cluster));
  const refused = new Map<string, Refusal>();
  for (const cluster of clusters) for (const [key, refusal] of cluster.refused) refused.set(key, refusal);
  return {
    displaced,
    partition: {
      components: [...clusters].map((cluster) => ({
        members: [...cluster.members.values()],
        links: [...cluster.links.values()],
      })),
      refused: [...refused.values()],
    },
  };
}

const anyAlarm = fc.constantFrom<Pick<IdentityRules, 'alarm'>>(
  {},
  { alarm: { identifiers: 3 } },
  { alarm: { identifiers: 5, merges: 1 } },
);

describe('the identity graph, piece by piece', () => {
  it('comes to what the partition of all evidence at once is', () => {
    let displaced = 0;
    const nodes = Array.from({ length: 16 }, (_, index) => node(index));
    fc.assert(
      fc.property(anyEvidence(40), (evidence) => {
        const step = incremental(evidence);
        displaced += step.displaced;
        assert.deepEqual(shape(step.partition), shape(partition(nodes, evidence, TIGHT_RULES)));
      }),
      { numRuns: 1500 },
    );
    assert.ok(displaced > 200, 'the samples hardly displace anything');
  });

  it('comes to it with rulings among the evidence, in any order', () => {
    const nodes = Array.from({ length: 16 }, (_, index) => node(index));
    const histories = fc.tuple(anyEvidence(30), anyRulings()).chain(([evidence, rulings]) =>
      fc.tuple(
        fc.constant(evidence),
        fc.constant(rulings),
        fc.shuffledSubarray([...evidence, ...rulings, ...rulings], {
          minLength: evidence.length + rulings.length * 2,
        }),
      ),
    );
    fc.assert(
      fc.property(histories, anyAlarm, ([evidence, rulings, steps], alarm) => {
        const rules = { ...TIGHT_RULES, ...alarm };
        const all = [...evidence, ...rulings.flatMap(({ joins }) => joins)];
        const expected = partition(
          nodes,
          all,
          rules,
          rulings.map(({ ruling }) => ruling),
        );
        assert.deepEqual(shape(incremental(steps, rules).partition), shape(expected));
      }),
      { numRuns: 1500 },
    );
  });

  it('keeps a refusal on both ends, with its reason', () => {
    const graph = createGraph(TIGHT_RULES);
    [0, 4, 1].forEach((index) => {
      graph.place(single(node(index), index));
    });
    applyEvidence(graph, piece(0, 1, 1));
    assert.equal(applyEvidence(graph, piece(4, 1, 2)), 'refused');
    for (const index of [0, 4]) {
      const refusals = [...(graph.clusterOf(node(index).fragment)?.refused.values() ?? [])];
      assert.deepEqual(
        refusals.map(({ refusedBy, type }) => ({ refusedBy, type })),
        [{ refusedBy: 'unique', type: 'userId' }],
      );
    }
  });
});

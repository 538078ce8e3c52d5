import assert from 'node:assert/strict';
import type { Evidence, GraphNode, ProfileHead } from '../../../domain/identity/evidence.ts';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import { WholeGraph } from '../../../domain/identity/whole/columns.ts';
import { compareWhole } from '../../../domain/identity/whole/compare.ts';
import { judgeWhole } from '../../../domain/identity/whole/judge.ts';

const [address, phone]: readonly [GraphNode, GraphNode] = [
  { fragment: 'a', type: 'email' },
  { fragment: 'p', type: 'phone' },
];
const piece: Evidence = {
  ...{ a: address, b: phone, rule: 'same-event', firstSeen: '2026-01-01T00:00:00.000Z' },
  ...{ source: 'web', messageId: 'm-1' },
};

function graphOf(refused: ProfileHead['refused']): WholeGraph {
  const graph = new WholeGraph();
  for (const node of [address, phone])
    graph.add({
      ...{ profileId: `p_${node.fragment}`, mintedAt: piece.firstSeen, mintedBy: 'b1', rulesVersion: 1 },
      ...{ members: [node], links: [], refused, apart: true, moved: {} },
    });
  return graph;
}

function mergesIn(graph: WholeGraph): number {
  const judged = judgeWhole(graph, DEFAULT_IDENTITY_RULES, new Set());
  return compareWhole(graph, judged).regions.length;
}

describe('evidence that no head had room for', () => {
  it('joins under rules that let it, though both ends keep it apart', () => {
    const graph = graphOf([]);
    assert.equal(graph.hasApart, true);
    assert.equal(mergesIn(graph), 0);
    graph.addApart({ evidence: piece, refusedBy: 'unique', type: 'crmId' });
    graph.settleApart();
    assert.equal(mergesIn(graph), 1);
  });

  it('is one piece with what a head keeps of the same pair', () => {
    const refusal = { evidence: piece, refusedBy: 'unique', type: 'crmId' } as const;
    const graph = graphOf([refusal]);
    const before = graph.pieces.length;
    graph.addApart(refusal);
    graph.settleApart();
    assert.equal(graph.pieces.length, before);
  });
});

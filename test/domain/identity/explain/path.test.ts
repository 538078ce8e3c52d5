import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shortestPath } from '../../../../domain/identity/explain/path.ts';

interface Edge {
  readonly a: { readonly fragment: string };
  readonly b: { readonly fragment: string };
}

const edge = (a: number, b: number): Edge => ({ a: { fragment: `f${a}` }, b: { fragment: `f${b}` } });
const edges = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 })).map(([a, b]) => edge(a, b)),
  { maxLength: 14 },
);

/** Steps between two fragments by trying every set that is reachable in n steps. */
function distance(all: readonly Edge[], from: string, to: string): number | undefined {
  let reached = new Set([from]);
  for (let steps = 0; steps <= 8; steps++) {
    if (reached.has(to)) return steps;
    const next = new Set(reached);
    for (const { a, b } of all) {
      if (reached.has(a.fragment)) next.add(b.fragment);
      if (reached.has(b.fragment)) next.add(a.fragment);
    }
    reached = next;
  }
  return undefined;
}

describe('the path between two fragments', () => {
  it('leads from one to the other, and no way is shorter', () => {
    fc.assert(
      fc.property(edges, (all) => {
        const path = shortestPath(all, 'f0', 'f7');
        assert.equal(path?.length, distance(all, 'f0', 'f7'));
        let at = 'f0';
        for (const { a, b } of path ?? []) {
          assert.ok(a.fragment === at || b.fragment === at);
          at = a.fragment === at ? b.fragment : a.fragment;
        }
        if (path) assert.equal(at, 'f7');
      }),
    );
  });

  it('of a fragment to itself is empty', () => {
    assert.deepEqual(shortestPath([edge(1, 2)], 'f1', 'f1'), []);
  });

  it('goes along what comes first in the list, among ways as short', () => {
    const [first, second] = [edge(0, 7), edge(0, 7)];
    assert.equal(shortestPath([first, second], 'f7', 'f0')?.[0], first);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { clusterCount, spanningLinks } from '../../../domain/link-records/links.ts';
import type { ScoredPairs } from '../../../domain/linkage/types.ts';

function scoredOf(pairs: readonly (readonly [number, number, number])[]): ScoredPairs {
  const sorted = [...pairs].sort((x, y) => y[2] - x[2]);
  return {
    length: sorted.length,
    a: Int32Array.from(sorted, ([a]) => a),
    b: Int32Array.from(sorted, ([, b]) => b),
    weight: Float32Array.from(sorted, ([, , weight]) => weight),
  };
}

describe('the links that hold clusters together', () => {
  it('are the likeliest pairs within a cluster, without a circle', () => {
    const scored = scoredOf([
      [0, 1, 9],
      [1, 2, 8],
      [0, 2, 7],
      [2, 3, 6],
    ]);
    const links = spanningLinks(scored, Int32Array.of(0, 0, 0, 3));
    assert.deepEqual(
      links.map((pair) => [scored.a[pair], scored.b[pair]]),
      [
        [0, 1],
        [1, 2],
      ],
    );
  });

  it('join each cluster whose pairs reach all of it, with one link fewer than it has records', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.tuple(fc.nat(29), fc.nat(29), fc.float({ noNaN: true })), { maxLength: 80 }),
        (size, drawn) => {
          const pairs = drawn
            .filter(([a, b]) => a < b && b < size)
            .map(([a, b, weight]) => [a, b, weight] as const);
          const whole = new Int32Array(size);
          const links = spanningLinks(scoredOf(pairs), whole);
          const root = Array.from({ length: size }, (_, at) => at);
          const find = (at: number): number => (root[at] === at ? at : find(root[at]!));
          for (const [a, b] of pairs) root[find(a)] = find(b);
          const components = new Set(Array.from({ length: size }, (_, at) => find(at))).size;
          assert.equal(links.length, size - components);
        },
      ),
    );
  });

  it('counts clusters', () => {
    assert.equal(clusterCount(Int32Array.of(0, 0, 2, 0, 4)), 3);
    assert.equal(clusterCount(new Int32Array(0)), 0);
  });
});

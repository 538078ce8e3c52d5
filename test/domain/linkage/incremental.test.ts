import assert from 'node:assert/strict';
import fc from 'fast-check';
import { IncrementalClusters, cluster, prepare, score } from '../../../domain/linkage/index.ts';
import { batch, grouped, modelOf, people, recordsOf, shuffled } from './samples.ts';

const RECORDS = recordsOf(people(600));
/** Many records with one postcode and few names: blocks that grow past the cap and shrink again. */
const CROWD = RECORDS.slice(0, 260).map((record, at) => ({
  ...record,
  ...{ given: at % 2 === 0 ? 'mary' : 'john', postcode: '10000' },
}));

function sorted(clusters: readonly (readonly string[])[]): string[][] {
  return clusters.map((ids) => [...ids].sort()).sort(([x = ''], [y = '']) => (x < y ? -1 : 1));
}

describe('clusters kept up to date', () => {
  const model = modelOf(RECORDS);

  it('are those of a batch, whatever the order and the portions in which records arrive', () => {
    const whole = batch(RECORDS, model);
    assert.ok(whole.some((ids) => ids.length > 2));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 300 }), (seed, portion) => {
        const clusters = new IncrementalClusters(model);
        const arriving = shuffled(RECORDS, seed);
        for (let at = 0; at < arriving.length; at += portion) clusters.add(arriving.slice(at, at + portion));
        assert.deepEqual(sorted(clusters.clusters()), whole);
      }),
      { numRuns: 12 },
    );
  });

  it('are those of a batch over what is left, after records were changed and taken out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const clusters = new IncrementalClusters(model);
        clusters.add(shuffled(RECORDS, seed));
        const [gone, changed, kept] = [RECORDS.slice(0, 60), RECORDS.slice(60, 90), RECORDS.slice(90)];
        clusters.remove(shuffled(gone, seed).map(({ id }) => id));
        const now = changed.map((record, at) => ({ ...RECORDS[at + 300]!, id: record.id }));
        clusters.add(now);
        assert.deepEqual(sorted(clusters.clusters()), batch([...now, ...kept], model));
      }),
      { numRuns: 8 },
    );
  });

  it('are those of a batch where a block becomes too large, and small enough again', () => {
    const crowded = modelOf(CROWD);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const clusters = new IncrementalClusters(crowded);
        const arriving = shuffled(CROWD, seed);
        for (let at = 0; at < arriving.length; at += 20) clusters.add(arriving.slice(at, at + 20));
        assert.deepEqual(sorted(clusters.clusters()), batch(CROWD, crowded));
        clusters.remove(arriving.slice(0, 100).map(({ id }) => id));
        assert.deepEqual(sorted(clusters.clusters()), batch(arriving.slice(100), crowded));
      }),
      { numRuns: 5 },
    );
  });

  it('keep to what people decided, as a batch does', () => {
    const prepared = prepare(RECORDS);
    const scored = score(prepared, model);
    const at = (index: number): string => prepared.ids[index]!;
    const [a, b] = [scored.a[0]!, scored.b[0]!];
    const far = prepared.size - 1;
    const decided = {
      cannotLink: [[a, b] as const],
      mustLink: [[0, far] as const],
    };
    const result = cluster(prepared, model, scored, decided).cluster;
    assert.notEqual(result[a], result[b]);
    assert.equal(result[0], result[far]);
    const clusters = new IncrementalClusters(model, {
      cannotLink: [[at(a), at(b)]],
      mustLink: [[at(0), at(far)]],
    });
    for (const record of shuffled(RECORDS, 3)) clusters.add([record]);
    assert.deepEqual(sorted(clusters.clusters()), grouped(prepared.ids, result));
  });
});

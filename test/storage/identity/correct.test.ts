import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { partition } from '../../../domain/identity/partition.ts';
import { StoreUnavailable } from '../../../storage/errors.ts';
import type { ProfileDirectory } from '../../../storage/identity/types.ts';
import { TIGHT_RULES, anyEvidence, node, piece, shape } from '../../domain/identity/samples.ts';
import { correctionOf } from './corrections.ts';
import { directoryOn, memoryTable } from './memory.ts';
import { headsOf, partitionOf } from './seen.ts';

const NODES = Array.from({ length: 16 }, (_, index) => node(index));

async function shapeOf(directory: ProfileDirectory): Promise<unknown> {
  return shape(partitionOf(await headsOf(directory, NODES)));
}

describe('evidence whose events hold no longer', () => {
  it('falls away as if it had never been, with what it kept out, and comes back as it was', async () => {
    let fallen = 0;
    await fc.assert(
      fc.asyncProperty(
        anyEvidence(30),
        anyEvidence(8),
        fc.infiniteStream(fc.boolean()),
        async (evidence, others, keeps) => {
          const directory = directoryOn(memoryTable(), TIGHT_RULES);
          let profiles = 0;
          const first = await directory.resolve({ nodes: NODES, evidence }, 'b0');
          profiles += first.minted.length - first.mergedAway.length;
          const kept = evidence.filter(() => keeps.next().value);
          const after = [...kept, ...others];
          fallen += evidence.length - kept.length;
          const there = await directory.correct(correctionOf(evidence, after), 'there');
          profiles += there.minted.length - there.mergedAway.length;
          assert.equal(there.left, 0);
          assert.deepEqual(await shapeOf(directory), shape(partition(NODES, after, TIGHT_RULES)));
          assert.equal(profiles, (await headsOf(directory, NODES)).length, 'profiles are counted exactly');
          const again = await directory.correct(correctionOf(evidence, after), 'there');
          assert.deepEqual([again.minted, again.mergedAway], [there.minted, there.mergedAway]);
          await directory.correct(correctionOf(after, evidence), 'back');
          assert.deepEqual(await shapeOf(directory), shape(partition(NODES, evidence, TIGHT_RULES)));
        },
      ),
      { numRuns: 150, endOnFailure: true },
    );
    assert.ok(fallen > 200, `hardly anything fell away: ${fallen}`);
  });

  it('leaves nobody where nothing is left, until somebody is there again', async () => {
    const directory = directoryOn(memoryTable(), TIGHT_RULES);
    const link = piece(0, 1, 1);
    await directory.resolve({ nodes: [node(0), node(1)], evidence: [link] }, 'b0');
    const correction = correctionOf([link], [], [node(1).fragment]);
    const { minted, mergedAway } = await directory.correct(correction, 'c0');
    assert.equal(minted.length - mergedAway.length, 0, 'one came apart, and nobody is in it');
    assert.equal((await directory.profileOf(node(1).fragment))?.vacant, true);
    assert.equal((await directory.heads({ limit: 10 })).heads.length, 1, 'who is not there is not listed');
    const back = await directory.resolve({ nodes: [node(1)], evidence: [] }, 'b1');
    assert.equal(back.minted.length, 1);
    assert.equal((await directory.profileOf(node(1).fragment))?.vacant, undefined);
    await directory.correct(
      {
        nodes: [node(1)],
        withdrawn: [],
        evidence: [],
        empty: new Set([node(1).fragment]),
        blocked: new Set(),
      },
      'c1',
    );
    const joined = await directory.resolve({ nodes: [node(0), node(1)], evidence: [link] }, 'b2');
    assert.equal(
      joined.minted.length - joined.mergedAway.length,
      0,
      'who joins a vacant profile is counted once',
    );
    assert.equal((await directory.heads({ limit: 10 })).heads.length, 1);
  });

  it('is counted once, whichever call fails before the correction is made again', async () => {
    const evidence = [piece(0, 1, 1), piece(1, 2, 2), piece(2, 5, 3), piece(5, 6, 4)];
    const correction = correctionOf(evidence, [piece(0, 6, 5)]);
    const expected = shape(partition(NODES.slice(0, 7), [piece(0, 6, 5)], TIGHT_RULES));
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; ; call += 1) {
        const table = memoryTable();
        const directory = directoryOn(table, TIGHT_RULES);
        await directory.resolve({ nodes: NODES.slice(0, 7), evidence }, 'b0');
        const before = (await headsOf(directory, NODES)).length;
        table.failAt = { call: table.calls + call, when };
        const failed = await directory.correct(correction, 'c0').then(
          () => false,
          (error: unknown) => {
            if (error instanceof StoreUnavailable) return true;
            throw error;
          },
        );
        const { minted, mergedAway } = await directory.correct(correction, 'c0');
        assert.deepEqual(await shapeOf(directory), expected);
        const after = (await headsOf(directory, NODES)).length;
        assert.equal(after - before, minted.length - mergedAway.length, `call ${call} ${when}`);
        if (!failed) break;
      }
    }
  });
});

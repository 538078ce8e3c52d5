import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Evidence, Partition, ProfileHead, Refusal } from '../../../domain/identity/evidence.ts';
import { partition } from '../../../domain/identity/partition.ts';
import { StoreUnavailable } from '../../../storage/errors.ts';
import type { IdentityOutcome, ProfileDirectory } from '../../../storage/identity/types.ts';
import { TIGHT_RULES, anyEvidence, node, shape } from '../../domain/identity/samples.ts';
import { directoryOn, memoryTable } from './memory.ts';
import type { MemoryTable } from './memory.ts';

const NODES = Array.from({ length: 16 }, (_, index) => node(index));

/** The partition that readers see. Asserts on the way that heads agree with each other. */
async function seen(directory: ProfileDirectory): Promise<Partition> {
  const heads = new Map<string, ProfileHead>();
  for (const { fragment } of NODES) {
    const head = await directory.profileOf(fragment);
    if (!head) continue;
    assert.ok(head.members.some((member) => member.fragment === fragment));
    heads.set(head.profileId, head);
  }
  const members = [...heads.values()].flatMap((head) => head.members.map((member) => member.fragment));
  assert.equal(new Set(members).size, members.length, 'a fragment is in two profiles');
  const refused = new Map<string, Refusal>();
  for (const head of heads.values()) {
    for (const refusal of head.refused) {
      const { a, b } = refusal.evidence;
      refused.set(`${a.fragment} ${b.fragment} ${refusal.evidence.source}`, refusal);
      const ends = [...heads.values()].filter((other) =>
        other.members.some((member) => [a.fragment, b.fragment].includes(member.fragment)),
      );
      for (const end of ends)
        assert.deepEqual(
          end.refused.filter(
            (at) =>
              at.evidence.messageId === refusal.evidence.messageId &&
              at.evidence.source === refusal.evidence.source &&
              at.evidence.a.fragment === a.fragment &&
              at.evidence.b.fragment === b.fragment,
          ).length,
          1,
        );
    }
  }
  return { components: [...heads.values()], refused: [...refused.values()] };
}

/** Heads in the table that were not merged away. */
async function liveProfiles(directory: ProfileDirectory, table: MemoryTable): Promise<number> {
  const ids = new Set(
    [...table.items.values()].filter((item) => item.pk.startsWith('p/')).map((item) => item.pk),
  );
  let live = 0;
  for (const pk of ids) {
    const last = (await directory.decisions(pk.slice(2))).at(-1);
    if (last?.head.mergedInto === undefined) live++;
  }
  return live;
}

async function countMoves(directory: ProfileDirectory): Promise<number> {
  const heads = await Promise.all(NODES.map(({ fragment }) => directory.profileOf(fragment)));
  const ids = new Set(heads.flatMap((head) => (head ? [head.profileId] : [])));
  const decisions = await Promise.all([...ids].map((id) => directory.decisions(id)));
  return decisions.flat().filter(({ kind }) => kind === 'moved').length;
}

const split = (evidence: readonly Evidence[], size: number): Evidence[][] => {
  const batches: Evidence[][] = [];
  for (let i = 0; i < evidence.length; i += size) batches.push(evidence.slice(i, i + size));
  return batches;
};

const ends = (evidence: readonly Evidence[]): { nodes: Evidence['a'][]; evidence: readonly Evidence[] } => ({
  nodes: evidence.flatMap((piece) => [piece.a, piece.b]),
  evidence,
});

describe('the profile directory under any evidence', () => {
  it('comes to the partition of all evidence, in any order and any batches', async () => {
    let displaced = 0;
    await fc.assert(
      fc.asyncProperty(anyEvidence(40), fc.integer({ min: 1, max: 6 }), async (evidence, size) => {
        const table = memoryTable();
        const directory = directoryOn(table, TIGHT_RULES);
        let profiles = 0;
        await directory.resolve({ nodes: NODES, evidence: [] }, 'b0');
        for (const [index, batch] of split(evidence, size).entries()) {
          const { minted, mergedAway } = await directory.resolve(ends(batch), `b${String(index + 1)}`);
          profiles += minted.length - mergedAway.length;
        }
        assert.deepEqual(shape(await seen(directory)), shape(partition(NODES, evidence, TIGHT_RULES)));
        assert.equal(profiles + NODES.length, await liveProfiles(directory, table));
        displaced += await countMoves(directory);
        assert.equal(profiles + NODES.length, (await seen(directory)).components.length);
      }),
      { numRuns: 120, endOnFailure: true },
    );
    assert.ok(displaced > 10, `the samples hardly displace anything: ${displaced}`);
  });

  it('counts minted and merged profiles exactly when any call fails and the batch is done again', async () => {
    for (const when of ['before', 'after'] as const) {
      await fc.assert(
        fc.asyncProperty(anyEvidence(16), fc.integer({ min: 1, max: 40 }), async (evidence, call) => {
          const table = memoryTable();
          const directory = directoryOn(table, TIGHT_RULES);
          table.failAt = { call, when };
          let profiles = 0;
          let last: IdentityOutcome | undefined;
          for (const [index, batch] of split(evidence, 4).entries()) {
            const again = (): ReturnType<ProfileDirectory['resolve']> =>
              directory.resolve(ends(batch), `b${String(index)}`);
            const outcome = await again().catch((error: unknown) => {
              assert.ok(error instanceof StoreUnavailable);
              return again();
            });
            profiles += outcome.minted.length - outcome.mergedAway.length;
            last = outcome;
          }
          delete table.failAt;
          for (const [fragment, profile] of last?.profiles ?? [])
            assert.equal((await directory.profileOf(fragment))?.profileId, profile);
          assert.deepEqual(shape(await seen(directory)), shape(partition([], evidence, TIGHT_RULES)));
          assert.equal(profiles, await liveProfiles(directory, table));
        }),
        { numRuns: 80 },
      );
    }
  });

  it('comes to the same when several writers resolve overlapping batches at once', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvidence(24), async (evidence) => {
        const table = memoryTable();
        const writers = [0, 1, 2].map(() => directoryOn(table, TIGHT_RULES));
        const outcomes = await Promise.all(
          split(evidence, 3).map((batch, index) =>
            writers[index % 3]!.resolve(ends(batch), `b${String(index)}`),
          ),
        );
        const directory = writers[0]!;
        assert.deepEqual(shape(await seen(directory)), shape(partition([], evidence, TIGHT_RULES)));
        const profiles = outcomes.reduce(
          (sum, { minted, mergedAway }) => sum + minted.length - mergedAway.length,
          0,
        );
        assert.equal(profiles, await liveProfiles(directory, table));
      }),
      { numRuns: 120, endOnFailure: true },
    );
  });

  it('writes nothing for what it knows already', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvidence(16), async (evidence) => {
        const table = memoryTable();
        const directory = directoryOn(table, TIGHT_RULES);
        const first = await directory.resolve(ends(evidence), 'b1');
        const before = [...table.items];
        const second = await directory.resolve(ends(evidence), 'b1');
        assert.deepEqual([...table.items], before);
        assert.deepEqual(second, first);
      }),
      { numRuns: 80 },
    );
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SplitRequest } from '../../../domain/identity/decide.ts';
import type { Evidence, GraphNode } from '../../../domain/identity/evidence.ts';
import { partition } from '../../../domain/identity/partition.ts';
import type { ProfileDirectory } from '../../../storage/identity/types.ts';
import { TIGHT_RULES, anyEvidence, node, shape } from '../../domain/identity/samples.ts';
import { directoryOn, memoryTable } from './memory.ts';
import { headsOf, partitionOf, ruledIn } from './seen.ts';

const NODES = Array.from({ length: 16 }, (_, index) => node(index));
const at = (minute: number): string => new Date(Date.UTC(2026, 2, 1, 0, minute)).toISOString();

type Step =
  | { readonly kind: 'evidence'; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'always' | 'never'; readonly a: number; readonly b: number }
  /** The members of that node's profile that the mask picks go. */
  | { readonly kind: 'split'; readonly of: number; readonly mask: number };

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('evidence' as const), evidence: anyEvidence(8) }),
    fc.record({ kind: fc.constantFrom('always' as const, 'never' as const), a: fc.nat(15), b: fc.nat(15) }),
    fc.record({
      kind: fc.constant('split' as const),
      of: fc.nat(15),
      mask: fc.integer({ min: 1, max: 2 ** 16 }),
    }),
  ),
  { maxLength: 12, size: 'max' },
);

const ruling = (rule: 'always' | 'never', a: GraphNode, b: GraphNode, n: number): Evidence => ({
  ...{ a, b, rule, firstSeen: at(n), source: 'operator', messageId: `ruling-${String(n)}` },
});

async function splitOf(
  directory: ProfileDirectory,
  of: GraphNode,
  mask: number,
  n: number,
): Promise<SplitRequest> {
  const head = await directory.profileOf(of.fragment);
  const away = (head?.members ?? []).filter((_, index) => (mask >> index) % 2 === 1);
  return { kind: 'split', id: `ruling-${String(n)}`, at: at(n), away };
}

async function take(directory: ProfileDirectory, step: Step, n: number): Promise<void> {
  const cause = `step-${String(n)}`;
  if (step.kind === 'evidence') await directory.resolve({ nodes: [], evidence: step.evidence }, cause);
  else if (step.kind === 'split') {
    const split = await splitOf(directory, node(step.of), step.mask, n);
    const { refused } = await directory.resolve({ nodes: [], evidence: [], splits: [split] }, cause);
    if (refused.size > 0) return;
    const gone = new Set(split.away.map(({ fragment }) => fragment));
    const named = await namedBy(directory, split);
    for (const { members } of await headsOf(directory, NODES)) {
      const here = members.filter(({ fragment }) => named.has(fragment));
      const away = here.filter(({ fragment }) => gone.has(fragment));
      assert.ok(away.length === 0 || away.length === here.length, 'a split left both sides in one profile');
    }
  } else
    await directory.resolve(
      { nodes: [], evidence: [ruling(step.kind, node(step.a), node(step.b), n)] },
      cause,
    );
}

/** The fragments that a ruling keeps apart. */
async function namedBy(directory: ProfileDirectory, { id }: SplitRequest): Promise<Set<string>> {
  const heads = await headsOf(directory, NODES);
  const known = heads.flatMap(({ rulings = [] }) => rulings.filter((each) => each.id === id));
  return new Set(known.flatMap(({ a, b }) => [...a, ...b]));
}

describe('the profile directory under what people rule', () => {
  it('comes to the partition of all evidence and rulings, whatever came between them', async () => {
    let ruled = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const directory = directoryOn(memoryTable(), TIGHT_RULES);
        await directory.resolve({ nodes: NODES, evidence: [] }, 'b0');
        for (const [n, step] of history.entries()) await take(directory, step, n);
        const heads = await headsOf(directory, NODES);
        const { rulings, evidence } = ruledIn(heads);
        const events = history.flatMap((step) => (step.kind === 'evidence' ? step.evidence : []));
        const expected = partition(NODES, [...events, ...evidence], TIGHT_RULES, rulings);
        assert.deepEqual(shape(partitionOf(heads)), shape(expected));
        ruled += rulings.length;
      }),
      { numRuns: 150 },
    );
    assert.ok(ruled > 200, `hardly anything was ruled: ${String(ruled)}`);
  });

  it('comes to it when several writers rule and resolve at once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const table = memoryTable();
        const writers = [0, 1, 2].map(() => directoryOn(table, TIGHT_RULES));
        const directory = writers[0]!;
        await directory.resolve({ nodes: NODES, evidence: [] }, 'b0');
        const pairs = history.filter((step) => step.kind !== 'split');
        await Promise.all(pairs.map((step, n) => take(writers[n % 3]!, step, n)));
        const heads = await headsOf(directory, NODES);
        const { rulings, evidence } = ruledIn(heads);
        const events = pairs.flatMap((step) => (step.kind === 'evidence' ? step.evidence : []));
        const expected = partition(NODES, [...events, ...evidence], TIGHT_RULES, rulings);
        assert.deepEqual(shape(partitionOf(heads)), shape(expected));
      }),
      { numRuns: 80 },
    );
  });

  it('takes a link by hand back by a split, and a split by a link, as if neither had been', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvidence(20), fc.nat(15), fc.nat(15), async (events, a, b) => {
        const directory = directoryOn(memoryTable(), TIGHT_RULES);
        await directory.resolve({ nodes: NODES, evidence: events }, 'b0');
        const members = async (n: number): Promise<string[]> =>
          ((await directory.profileOf(node(n).fragment))?.members ?? []).map(({ fragment }) => fragment);
        const [left, right] = [await members(a), await members(b)];
        fc.pre(!left.includes(node(b).fragment));
        await directory.resolve({ nodes: [], evidence: [ruling('always', node(a), node(b), 1)] }, 'b1');
        const joined = [...left, ...right].sort();
        assert.deepEqual((await members(a)).sort(), joined);
        const away = NODES.filter(({ fragment }) => right.includes(fragment));
        const split = { kind: 'split' as const, id: 'ruling-2', at: at(2), away };
        await directory.resolve({ nodes: [], evidence: [], splits: [split] }, 'b2');
        assert.deepEqual([(await members(a)).sort(), (await members(b)).sort()], [left.sort(), right.sort()]);
        await directory.resolve({ nodes: [], evidence: [ruling('always', node(a), node(b), 3)] }, 'b3');
        assert.deepEqual((await members(b)).sort(), joined);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses a split that would leave an identifier nowhere, and changes nothing', async () => {
    const table = memoryTable();
    const directory = directoryOn(table, TIGHT_RULES);
    const [one, two, three] = [node(1), node(2), node(5)];
    const evidence = {
      a: one,
      b: two,
      rule: 'same-event' as const,
      firstSeen: at(0),
      source: 'web',
      messageId: 'm',
    };
    await directory.resolve({ nodes: [one, two, three], evidence: [evidence] }, 'b0');
    const before = [...table.items];
    for (const [away, reason] of [
      [[], 'nothing-away'],
      [[one, two], 'everything-away'],
      [[one, three], 'not-together'],
    ] as const) {
      const split = { kind: 'split' as const, id: `s-${reason}`, at: at(1), away };
      const { refused } = await directory.resolve({ nodes: [], evidence: [], splits: [split] }, reason);
      assert.equal(refused.get(split.id), reason);
    }
    assert.deepEqual([...table.items], before);
  });
});

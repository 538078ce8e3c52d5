import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Evidence, IdentityRules, Partition } from '../../../domain/identity/evidence.ts';
import { partition } from '../../../domain/identity/partition.ts';
import { limitOf, rank } from '../../../domain/identity/rules.ts';
import type { Ruling } from '../../../domain/identity/ruling.ts';
import { TIGHT_RULES, anyEvidence, anyRulings, node, piece, shape } from './samples.ts';

const NODES = Array.from({ length: 16 }, (_, index) => node(index));
const pairOf = ({ a, b, source }: Evidence): string => [...[a.fragment, b.fragment].sort(), source].join(' ');

/** The same by other means: sets that are copied, counts that are recounted, order by one text key. */
function plainly(
  evidence: readonly Evidence[],
  rules: IdentityRules,
  rulings: readonly Ruling[] = [],
): Partition {
  const first = new Map<string, Evidence>();
  const stamp = (e: Evidence): string => [e.firstSeen, e.source, e.messageId].join(' ');
  for (const e of evidence) {
    const pair = `${pairOf(e)} ${e.rule}`;
    const known = first.get(pair);
    if (!known || stamp(e) < stamp(known) === (e.rule === 'same-event')) first.set(pair, e);
  }
  const names = (side: Ruling['a'], fragment: string): boolean => side.some((n) => n.fragment === fragment);
  const inOrder = [...rulings].sort((x, y) => (x.at + x.id < y.at + y.id ? -1 : 1));
  const onPair = (x: string, y: string): Ruling | undefined =>
    inOrder.findLast(({ a, b }) => (names(a, x) && names(b, y)) || (names(a, y) && names(b, x)));
  const allowances = (fragment: string): Ruling[] => {
    const mine = inOrder.filter(({ a, b }) => names([...a, ...b], fragment));
    const undone = mine.flatMap(({ undoes }) => undoes ?? []);
    return mine.filter(({ rule, id }) => rule === 'always' && !undone.includes(id));
  };
  /** Values of fragments, as the n-th of the rulings on each from the last, and those before it, let them count. */
  const valuesOf = (fragments: readonly string[], depth = 1): number => {
    const lone = fragments.filter((fragment) => allowances(fragment).length < depth);
    const rulingsHere = new Set(fragments.flatMap((fragment) => allowances(fragment).at(-depth) ?? []));
    const joint = [...rulingsHere].map((ruled) => {
      const here = fragments.filter((fragment) => allowances(fragment).at(-depth) === ruled);
      const side = (members: Ruling['a']): number =>
        valuesOf(
          here.filter((fragment) => names(members, fragment)),
          depth + 1,
        );
      return Math.max(side(ruled.a), side(ruled.b));
    });
    return lone.length + joint.reduce((sum, values) => sum + values, 0);
  };
  const key = (e: Evidence): string => {
    const ranks = [rank(e.a.type, rules), rank(e.b.type, rules)].sort();
    const age = String(9e14 - Date.parse(e.firstSeen));
    return [...(e.rule === 'always' ? ['0', age] : ['1']), ...ranks, e.firstSeen, pairOf(e)].join(' ');
  };
  let sets = NODES.map((member) => [member]);
  const refused: Partition['refused'][number][] = [];
  const links: Evidence[] = [];
  for (const e of [...first.values()].sort((x, y) => (key(x) < key(y) ? -1 : 1))) {
    const touched = sets.filter((set) => set.some((m) => [e.a.fragment, e.b.fragment].includes(m.fragment)));
    const union = touched.flat();
    const broken = union.find(({ type }) => {
      const values = union.filter((member) => member.type === type).map(({ fragment }) => fragment);
      return valuesOf(values) > limitOf(type, rules);
    });
    const [left = [], right = []] = touched;
    const apart = left.some((x) => right.some((y) => onPair(x.fragment, y.fragment)?.rule === 'never'));
    if (touched.length > 1 && (broken || apart)) {
      refused.push({ evidence: e, refusedBy: 'limit', type: '' });
      continue;
    }
    sets = [...sets.filter((set) => !touched.includes(set)), union];
    links.push(e);
  }
  const components = sets.map((members) => ({
    members,
    links: links.filter((link) => members.some((member) => member.fragment === link.a.fragment)),
  }));
  return { components, refused };
}

describe('the partition into profiles', () => {
  it('is what a plain reading of the rules gives', () => {
    let refusals = 0;
    fc.assert(
      fc.property(anyEvidence(40), (evidence) => {
        const result = partition(NODES, evidence, TIGHT_RULES);
        refusals += result.refused.length;
        assert.deepEqual(shape(result), shape(plainly(evidence, TIGHT_RULES)));
      }),
      { numRuns: 600 },
    );
    assert.ok(refusals > 500, 'the samples hardly refuse anything');
  });

  it('is what a plain reading gives when people have ruled on pairs', () => {
    let [apart, overridden] = [0, 0];
    fc.assert(
      fc.property(anyEvidence(30), anyRulings(), (events, drawn) => {
        const rulings = drawn.map(({ ruling }) => ruling);
        const evidence = [...events, ...drawn.flatMap(({ joins }) => joins)];
        const result = partition(NODES, evidence, TIGHT_RULES, rulings);
        assert.deepEqual(shape(result), shape(plainly(evidence, TIGHT_RULES, rulings)));
        assert.deepEqual(
          partition(
            NODES,
            [...evidence, ...evidence].reverse(),
            TIGHT_RULES,
            [...rulings, ...rulings].reverse(),
          ),
          result,
        );
        apart += result.refused.filter(({ refusedBy }) => refusedBy === 'never').length;
        for (const { members } of result.components)
          if (members.filter(({ type }) => type === 'userId').length > 1) overridden++;
      }),
      { numRuns: 600 },
    );
    assert.ok(apart > 200 && overridden > 15, `the samples hardly rule on anything: ${apart}, ${overridden}`);
  });

  it('does not depend on the order of evidence, on duplicates, or on which end is named first', () => {
    const samples = anyEvidence().chain((evidence) =>
      fc.tuple(
        fc.constant(evidence),
        fc.shuffledSubarray([...evidence, ...evidence], { minLength: evidence.length * 2 }),
      ),
    );
    fc.assert(
      fc.property(samples, ([evidence, shuffled]) => {
        const turned = shuffled.map((e, n) => (n % 2 === 0 ? e : { ...e, a: e.b, b: e.a }));
        assert.deepEqual(
          partition([...NODES].reverse(), turned, TIGHT_RULES),
          partition(NODES, evidence, TIGHT_RULES),
        );
      }),
    );
  });

  it('never breaks a limit, and never refuses without a reason', () => {
    fc.assert(
      fc.property(anyEvidence(40), (evidence) => {
        const { components, refused } = partition(NODES, evidence, TIGHT_RULES);
        const count = (fragments: readonly { type: string }[], type: string): number =>
          fragments.filter((member) => member.type === type).length;
        for (const { members } of components)
          for (const { type } of members) assert.ok(count(members, type) <= limitOf(type, TIGHT_RULES));
        for (const { evidence: e, refusedBy, type } of refused) {
          const union = components
            .filter(({ members }) => members.some((m) => [e.a.fragment, e.b.fragment].includes(m.fragment)))
            .flatMap(({ members }) => members);
          assert.ok(count(union, type) > limitOf(type, TIGHT_RULES));
          assert.equal(refusedBy, TIGHT_RULES.unique.includes(type) ? 'unique' : 'limit');
        }
      }),
    );
  });

  it('lets stronger types have their say first, then what was seen first', () => {
    const [ann, anonymous, email, bob] = [0, 1, 2, 4];
    const { components } = partition(
      [],
      [piece(bob, anonymous, 2), piece(ann, anonymous, 1), piece(anonymous, email, 0)],
      TIGHT_RULES,
    );
    assert.deepEqual(
      components.map(({ members }) => members.map(({ fragment }) => fragment)),
      [['anonymousId-0', 'email-0', 'userId-0'], ['userId-1']],
    );
  });
});

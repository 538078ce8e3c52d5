import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judgeAnew } from '../../../domain/identity/displace.ts';
import type {
  Evidence,
  IdentityRules,
  Partition,
  ProfileHead,
  Refusal,
} from '../../../domain/identity/evidence.ts';
import { applyEvidence, createGraph, single } from '../../../domain/identity/graph.ts';
import type { Cluster } from '../../../domain/identity/graph.ts';
import type { FragmentId } from '../../../domain/identity/identifier.ts';
import type { Isolation } from '../../../domain/identity/isolation.ts';
import { partition } from '../../../domain/identity/partition.ts';
import { rank } from '../../../domain/identity/rules.ts';
import { WholeGraph } from '../../../domain/identity/whole/columns.ts';
import { compareWhole } from '../../../domain/identity/whole/compare.ts';
import { judgeWhole } from '../../../domain/identity/whole/judge.ts';
import { TIGHT_RULES, anyEvidence, node, shape } from './samples.ts';

const NODES = Array.from({ length: 16 }, (_, index) => node(index));
const MINUTE_MS = 60_000;

/** Every rule at once or some of them, tight enough to matter among 16 fragments. */
const anyRules: fc.Arbitrary<IdentityRules> = fc
  .record(
    {
      uniqueFrom: fc.constantFrom({ shelf: ['pos'] }, { email: ['web'] }),
      limits: fc.constantFrom(
        { '*': 3 },
        { email: { max: 1, within: 'PT3M' }, anonymousId: { max: 2, within: 'PT2M' } },
        {},
      ),
      known: fc.constantFrom(['userId'], ['userId', 'shelf'], ['shelf']),
      trust: fc.constantFrom({ web: 'suggest' } as const, { '*': 'none', pos: 'link' } as const),
      sharedDevice: fc.constantFrom(
        { types: ['anonymousId'], after: 1 },
        { types: ['anonymousId'], after: 2 },
      ),
      junk: fc.constantFrom({ after: 2 }, { after: 3 }),
      alarm: fc.constantFrom({ identifiers: 4 }, { merges: 1 }, { identifiers: 6, merges: 1 }),
      unique: fc.constantFrom(['userId'], []),
    },
    { requiredKeys: [] },
  )
  .map((some): IdentityRules => ({ ...TIGHT_RULES, ...some }));

/** The same by other means: sets that are copied, everything recounted at each step, order by one text key. */
function plainly(evidence: readonly Evidence[], rules: IdentityRules): unknown {
  const of = (e: Evidence): string => [e.a.fragment, e.b.fragment].sort().join(' ');
  const first = new Map<string, Evidence>();
  const stamp = (e: Evidence): string => [e.firstSeen, e.source, e.messageId].join(' ');
  for (const e of evidence) {
    const key = `${of(e)} ${e.source}`;
    const known = first.get(key);
    if (!known || stamp(e) < stamp(known)) first.set(key, e);
  }
  const pieces = [...first.values()];
  const about = (id: FragmentId): Evidence[] =>
    pieces.filter((e) => [e.a.fragment, e.b.fragment].includes(id));
  const knownTypes = rules.known ?? [...rules.unique, ...Object.keys(rules.uniqueFrom ?? {})];
  const alone = new Set(
    NODES.filter((member) => {
      const partners = new Map(
        about(member.fragment).flatMap((e) => [e.a, e.b].map((end) => [end.fragment, end.type] as const)),
      );
      partners.delete(member.fragment);
      const seen = (type: string): number => [...partners.values()].filter((other) => other === type).length;
      const { sharedDevice, junk } = rules;
      if (
        sharedDevice?.types.includes(member.type) &&
        knownTypes.some((type) => seen(type) > sharedDevice.after)
      )
        return true;
      return (
        junk !== undefined &&
        [...partners.values()].some(
          (type) => seen(type) > junk.after * (sharedDevice?.types.includes(type) === true ? 10 : 1),
        )
      );
    }).map((member) => member.fragment),
  );
  interface Group {
    readonly ids: readonly FragmentId[];
  }
  const breaks = (left: Group, right: Group, e: Evidence): boolean => {
    const union = [...left.ids, ...right.ids];
    const typed = (type: string): FragmentId[] => union.filter((id) => id.startsWith(`${type}-`));
    if (rules.unique.some((type) => typed(type).length > 1)) return true;
    for (const [type, sources] of Object.entries(rules.uniqueFrom ?? {}))
      if (typed(type).filter((id) => about(id).some((x) => sources.includes(x.source))).length > 1)
        return true;
    for (const type of ['userId', 'anonymousId', 'email', 'shelf']) {
      if (rules.unique.includes(type)) continue;
      const limit = rules.limits[type] ?? rules.limits['*'];
      if (limit === undefined) continue;
      if (typeof limit === 'number') {
        if (typed(type).length > limit) return true;
        continue;
      }
      const length = Number(/\d/.exec(limit.within ?? '')?.[0]) * MINUTE_MS;
      const moments = typed(type).flatMap((id) => {
        const times = about(id).map((x) => Date.parse(x.firstSeen));
        return times.length === 0 ? [] : [Math.min(...times)];
      });
      for (const from of moments)
        if (moments.filter((at) => at >= from && at < from + length).length > limit.max) return true;
    }
    const trust = rules.trust?.[e.source] ?? rules.trust?.['*'] ?? 'link';
    const isKnown = ({ ids }: Group): boolean =>
      ids.some((id) => knownTypes.includes(id.split('-')[0] ?? ''));
    if (trust !== 'link' && isKnown(left) && isKnown(right)) return true;
    const merges = knownTypes.flatMap(typed).length - 1;
    return (
      union.length > (rules.alarm?.identifiers ?? Infinity) || merges > (rules.alarm?.merges ?? Infinity)
    );
  };
  const key = (e: Evidence): string =>
    [...[rank(e.a.type, rules), rank(e.b.type, rules)].sort(), e.firstSeen, of(e), e.source].join(' ');
  let groups: Group[] = NODES.map(({ fragment }) => ({ ids: [fragment] }));
  const groupOf = (id: FragmentId): Group => groups.find(({ ids }) => ids.includes(id)) ?? { ids: [] };
  for (const e of pieces.sort((x, y) => (key(x) < key(y) ? -1 : 1))) {
    const [left, right] = [groupOf(e.a.fragment), groupOf(e.b.fragment)];
    if (left === right || alone.has(e.a.fragment) || alone.has(e.b.fragment)) continue;
    if (breaks(left, right, e)) continue;
    groups = [
      ...groups.filter((group) => group !== left && group !== right),
      { ids: [...left.ids, ...right.ids] },
    ];
  }
  return groups.map(({ ids }) => [...ids].sort().join(' ')).sort();
}

const groupsOf = ({ components }: Partition): unknown =>
  components
    .map(({ members }) =>
      members
        .map(({ fragment }) => fragment)
        .sort()
        .join(' '),
    )
    .sort();

function incremental(
  evidence: readonly Evidence[],
  rules: IdentityRules,
): { readonly partition: Partition; readonly heads: ProfileHead[] } {
  const graph = createGraph(rules);
  NODES.forEach((id, index) => {
    graph.place(single(id, index));
  });
  for (const next of evidence)
    if (applyEvidence(graph, next) === 'displaces')
      assert.equal(judgeAnew(graph, { evidence: [next], rulings: [] }, 16).status, 'done');
  const clusters = [...new Set(NODES.map((id) => graph.clusterOf(id.fragment) as Cluster))];
  const refused = new Map<string, Refusal>();
  for (const cluster of clusters) for (const [name, refusal] of cluster.refused) refused.set(name, refusal);
  const components = clusters.map((cluster) => ({
    members: [...cluster.members.values()],
    links: [...cluster.links.values()],
  }));
  const heads = clusters.map((cluster, index): ProfileHead => ({
    profileId: `p${index}`,
    mintedAt: '',
    mintedBy: '',
    members: [...cluster.members.values()],
    links: [...cluster.links.values()],
    refused: [...cluster.refused.values()],
    ...(cluster.isolated.size > 0 && { isolated: Object.fromEntries(cluster.isolated) }),
    rulesVersion: 1,
    moved: {},
  }));
  return { partition: { components, refused: [...refused.values()] }, heads };
}

function wholeOf(heads: readonly ProfileHead[]): WholeGraph {
  const graph = new WholeGraph();
  for (const head of heads) graph.add(head);
  return graph;
}

describe('every rule of identity', () => {
  const seen = new Map<string, number>();

  it('gives the partition that a plain reading of the rules gives, whatever the order and the duplicates', () => {
    const samples = anyEvidence(40).chain((evidence) =>
      fc.tuple(
        fc.constant(evidence),
        fc.shuffledSubarray([...evidence, ...evidence], { minLength: evidence.length * 2 }),
      ),
    );
    fc.assert(
      fc.property(samples, anyRules, ([evidence, shuffled], rules) => {
        const result = partition(NODES, evidence, rules);
        assert.deepEqual(groupsOf(result), plainly(evidence, rules));
        assert.deepEqual(partition(NODES, shuffled, rules), result);
        for (const { refusedBy } of result.refused) seen.set(refusedBy, (seen.get(refusedBy) ?? 0) + 1);
      }),
      { numRuns: 1500 },
    );
    for (const rule of ['unique', 'limit', 'source-trust', 'shared-device', 'junk', 'held'])
      assert.ok((seen.get(rule) ?? 0) > 100, `the samples hardly refuse anything by ${rule}`);
  });

  it('piece by piece comes to what all evidence at once comes to', () => {
    fc.assert(
      fc.property(anyEvidence(40), anyRules, (evidence, rules) => {
        assert.deepEqual(
          shape(incremental(evidence, rules).partition),
          shape(partition(NODES, evidence, rules)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('tried on a whole tenant comes to the same, from what profiles keep under other rules', () => {
    fc.assert(
      fc.property(
        anyEvidence(40),
        anyRules,
        anyRules,
        fc.subarray(NODES, { maxLength: 2 }),
        (evidence, rules, others, blocked) => {
          const graph = wholeOf(incremental(evidence, others).heads);
          const alone = new Map<FragmentId, Isolation>(blocked.map(({ fragment }) => [fragment, 'blocked']));
          const numbers = new Set(blocked.map(({ fragment }) => graph.fragments.of(fragment)));
          const judged = judgeWhole(graph, rules, numbers);
          const expected = partition(NODES, evidence, rules, [], alone);
          const groups = new Map<number, string[]>();
          for (const { fragment } of NODES) {
            const label = judged.label[graph.fragments.of(fragment)] ?? -1;
            groups.set(label, [...(groups.get(label) ?? []), fragment]);
          }
          assert.deepEqual(
            [...groups.values()].map((ids) => ids.sort().join(' ')).sort(),
            groupsOf(expected),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('finds no difference between what is stored and the rules it was judged by', () => {
    fc.assert(
      fc.property(anyEvidence(40), anyRules, (evidence, rules) => {
        const graph = wholeOf(incremental(evidence, rules).heads);
        assert.deepEqual(compareWhole(graph, judgeWhole(graph, rules, new Set())).regions, []);
      }),
      { numRuns: 1000 },
    );
  });
});

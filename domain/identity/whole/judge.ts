import { componentsOf } from '../components.ts';
import type { Evidence, GraphNode, RefusedBy } from '../evidence.ts';
import type { FragmentId } from '../identifier.ts';
import type { Isolation } from '../isolation.ts';
import { partition } from '../partition.ts';
import type { IdentityRules } from '../rule-types.ts';
import type { WholeGraph } from './columns.ts';
import { contested } from './contested.ts';
import { isolatedIn } from './crowds.ts';

/** A partition of a whole tenant. */
export interface WholePartition {
  /** By fragment: the profile it is to be in, named by a number that means nothing else. */
  readonly label: Int32Array;
  readonly isolated: ReadonlyMap<number, Isolation>;
  /** Why a piece would not be in force; undefined for one that would. */
  refusedBy(piece: number): RefusedBy | undefined;
}

/**
 * What `partition` makes of all evidence at once, in time and memory that a whole tenant can have: where no order of the
 * evidence could break a rule a component is a profile, and only the others are judged piece by piece. `blocked` are the
 * fragments whose values name nobody.
 */
export function judgeWhole(
  graph: WholeGraph,
  rules: IdentityRules,
  blocked: ReadonlySet<number>,
): WholePartition {
  const isolated = isolatedIn(graph, rules, blocked);
  const [a, b] = [graph.a.view(), graph.b.view()];
  const skip = new Uint8Array(a.length);
  for (let i = 0; i < a.length; i++) {
    const rule = graph.pieces[i]?.rule;
    if (rule === 'never') skip[i] = 1;
    else if (rule !== 'always' && isolated.size > 0)
      skip[i] = isolated.has(a[i] ?? 0) || isolated.has(b[i] ?? 0) ? 1 : 0;
  }
  const label = componentsOf(graph.fragments.all.length, a, b, skip);
  const regions = regionsOf(graph, label, contested(graph, label, skip, rules));
  const refused = new Map<string, RefusedBy>();
  const alone = new Map([...isolated].map(([node, reason]) => [graph.fragments.at(node), reason]));
  for (const region of regions.values()) judgeRegion(graph, region, rules, { alone, label, refused });
  return {
    label,
    isolated,
    refusedBy: (piece) => {
      const [one, two] = [a[piece] ?? 0, b[piece] ?? 0];
      if (skip[piece] === 1) return isolated.get(one) ?? isolated.get(two) ?? 'never';
      const known = graph.pieces[piece];
      return label[one] === label[two] || !known ? undefined : (refused.get(nameOf(known)) ?? 'limit');
    },
  };
}

interface Region {
  readonly nodes: number[];
  readonly pieces: Evidence[];
}

/** Nodes of the components that have to be judged piece by piece, and all that is known about them. */
function regionsOf(
  graph: WholeGraph,
  label: Int32Array,
  components: ReadonlySet<number>,
): Map<number, Region> {
  const regions = new Map<number, Region>();
  if (components.size === 0) return regions;
  for (const component of components) regions.set(component, { nodes: [], pieces: [] });
  for (const [node, component] of label.entries()) regions.get(component)?.nodes.push(node);
  const [a, b] = [graph.a.view(), graph.b.view()];
  for (const [index, piece] of graph.pieces.entries()) {
    const [one, two] = [label[a[index] ?? 0] ?? -1, label[b[index] ?? 0] ?? -1];
    regions.get(one)?.pieces.push(piece);
    if (one !== two) regions.get(two)?.pieces.push(piece);
  }
  return regions;
}

function judgeRegion(
  graph: WholeGraph,
  region: Region,
  rules: IdentityRules,
  into: {
    readonly alone: ReadonlyMap<FragmentId, Isolation>;
    readonly label: Int32Array;
    readonly refused: Map<string, RefusedBy>;
  },
): void {
  const inside = new Set(region.nodes);
  const nodes = region.nodes.map((node): GraphNode => graph.nodeAt(node));
  const judged = partition(nodes, region.pieces, rules, graph.rulingsAbout(region.nodes), into.alone);
  for (const { members } of judged.components) {
    const numbers = members
      .map(({ fragment }) => graph.fragments.find(fragment) ?? -1)
      .filter((number) => inside.has(number));
    const name = numbers.reduce((least, number) => Math.min(least, number), Infinity);
    for (const number of numbers) into.label[number] = name;
  }
  for (const { evidence, refusedBy } of judged.refused) into.refused.set(nameOf(evidence), refusedBy);
}

/** A pair has one piece of each rule and source; its ends are in order. */
function nameOf({ a, b, rule, source }: Evidence): string {
  return `${a.fragment} ${b.fragment} ${rule} ${source}`;
}

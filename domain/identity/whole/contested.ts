import { knownTypes, limitOf, trustOf } from '../rules.ts';
import type { IdentityRules } from '../rule-types.ts';
import type { WholeGraph } from './columns.ts';

/**
 * The components in which some order of the evidence might break a rule. In all others every piece is in force: a
 * violation forbids every superset of what it forbids, so where the whole is allowed, so was every step towards it.
 */
export function contested(
  graph: WholeGraph,
  label: Int32Array,
  skip: Uint8Array,
  rules: IdentityRules,
): Set<number> {
  const found = new Set<number>();
  const size = new Int32Array(label.length);
  for (const component of label) size[component] = (size[component] ?? 0) + 1;
  markLarge(size, rules, found);
  for (const [type, name] of graph.types.all.entries())
    markCrowded(label, (node) => graph.typeOf.at(node) === type, limitOf(name, rules), found);
  markDeclared(graph, label, rules, found);
  markUntrusted(graph, label, skip, rules, found);
  for (const node of graph.ruled()) {
    const component = label[node];
    if (component !== undefined) found.add(component);
  }
  return found;
}

function markLarge(size: Int32Array, { alarm }: IdentityRules, found: Set<number>): void {
  if (!alarm) return;
  const { identifiers = Infinity, merges = Infinity } = alarm;
  for (const [component, members] of size.entries())
    // Of members not all are known people: this may find too many, and those are judged as they should be.
    if (members > identifiers || members - 1 > merges) found.add(component);
}

/** Marks components with more than `most` of the chosen fragments. */
function markCrowded(
  label: Int32Array,
  chosen: (node: number) => boolean,
  most: number,
  found: Set<number>,
): void {
  if (most === Infinity) return;
  const counts = new Int32Array(label.length);
  for (const [node, component] of label.entries()) {
    if (!chosen(node)) continue;
    const count = (counts[component] ?? 0) + 1;
    counts[component] = count;
    if (count > most) found.add(component);
  }
}

function markDeclared(
  graph: WholeGraph,
  label: Int32Array,
  { uniqueFrom = {} }: IdentityRules,
  found: Set<number>,
): void {
  for (const [name, sources] of Object.entries(uniqueFrom)) {
    const type = graph.types.find(name);
    if (type === undefined) continue;
    const declaring = new Set(sources.map((source) => graph.sources.find(source)));
    const declared = new Uint8Array(label.length);
    const [a, b] = [graph.a.view(), graph.b.view()];
    for (const [piece, source] of graph.source.view().entries()) {
      if (!declaring.has(source)) continue;
      declared[a[piece] ?? 0] = 1;
      declared[b[piece] ?? 0] = 1;
    }
    markCrowded(label, (node) => declared[node] === 1 && graph.typeOf.at(node) === type, 1, found);
  }
}

function markUntrusted(
  graph: WholeGraph,
  label: Int32Array,
  skip: Uint8Array,
  rules: IdentityRules,
  found: Set<number>,
): void {
  const untrusted = graph.sources.all.map((source) => trustOf(source, rules) !== 'link');
  if (!untrusted.includes(true)) return;
  const known = new Set(knownTypes(rules).map((type) => graph.types.find(type)));
  const crowded = new Set<number>();
  markCrowded(label, (node) => known.has(graph.typeOf.at(node)), 1, crowded);
  const a = graph.a.view();
  for (const [piece, source] of graph.source.view().entries()) {
    if (skip[piece] === 1 || untrusted[source] !== true) continue;
    const component = label[a[piece] ?? 0] ?? -1;
    if (crowded.has(component)) found.add(component);
  }
}

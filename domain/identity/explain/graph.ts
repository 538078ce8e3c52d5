import type { FragmentId } from '../identifier.ts';
import { edgeLabel, endText, isRefused } from './sentences.ts';
import type { ExplainedEnd, ExplainedStep, Explanation } from './types.ts';

interface Drawing {
  readonly nodes: ReadonlyMap<FragmentId, { readonly id: string; readonly end: ExplainedEnd }>;
  readonly edges: readonly ExplainedStep[];
}

/** What is drawn: a profile with all that was refused, or the way between two identifiers. */
function drawingOf({ between, fragments, links, refused }: Explanation): Drawing {
  const edges: readonly ExplainedStep[] = between ? between.path : [...links, ...refused];
  const ends = between ? [between.from, between.to] : fragments;
  const nodes = new Map<FragmentId, { id: string; end: ExplainedEnd }>();
  for (const end of [...ends, ...edges.flatMap(({ a, b }) => [a, b])])
    if (!nodes.has(end.fragment)) nodes.set(end.fragment, { id: `n${nodes.size}`, end });
  return { nodes, edges };
}

/** Graphviz' DOT language: an undirected graph, refused links dashed. */
export function explanationDot(explanation: Explanation): string {
  const { nodes, edges } = drawingOf(explanation);
  const quote = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replace(/[\r\n]+/g, ' ')}"`;
  const id = ({ fragment }: ExplainedEnd): string => nodes.get(fragment)?.id ?? '';
  return [
    `graph ${quote(explanation.profileId)} {`,
    '  node [shape=box, fontname="sans-serif"];',
    '  edge [fontname="sans-serif", fontsize=10];',
    ...[...nodes.values()].map((node) => `  ${node.id} [label=${quote(endText(node.end))}];`),
    ...edges.map((edge) => {
      const style = isRefused(edge) ? ', style=dashed, color=red' : '';
      return `  ${id(edge.a)} -- ${id(edge.b)} [label=${quote(edgeLabel(edge))}${style}];`;
    }),
    '}',
    '',
  ].join('\n');
}

/** A Mermaid flowchart, refused links dotted. */
export function explanationMermaid(explanation: Explanation): string {
  const { nodes, edges } = drawingOf(explanation);
  // Mermaid reads HTML entities of its own form within quotes; anything that could end them or be markup is one.
  const quote = (text: string): string =>
    `"${text.replace(/[^\p{L}\p{N} @.:+_,-]/gu, (char) => `#${String(char.codePointAt(0))};`)}"`;
  const id = ({ fragment }: ExplainedEnd): string => nodes.get(fragment)?.id ?? '';
  return [
    'graph LR',
    ...[...nodes.values()].map((node) => `  ${node.id}[${quote(endText(node.end))}]`),
    ...edges.map((edge) => {
      const line = isRefused(edge) ? '-.-' : '---';
      return `  ${id(edge.a)} ${line}|${quote(edgeLabel(edge))}| ${id(edge.b)}`;
    }),
    '',
  ].join('\n');
}

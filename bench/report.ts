import Table from 'cli-table3';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { machine } from './measure/machine.ts';
import type { Bench, Figure } from './types.ts';

const RESULTS = fileURLToPath(new URL('./results', import.meta.url));

/** What is kept of one benchmark. */
export interface Report {
  readonly bench: Pick<Bench, 'name' | 'about'>;
  readonly seconds: number;
  readonly figures: readonly Figure[];
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function median(values: readonly number[]): number {
  const order = sorted(values);
  const middle = order.length >> 1;
  const upper = order[middle] ?? 0;
  return order.length % 2 === 1 ? upper : ((order[middle - 1] ?? 0) + upper) / 2;
}

function round(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : 2 });
}

function verdict(figure: Figure): [string, string] {
  const { atLeast, atMost } = figure.target ?? {};
  const value = median(figure.values);
  if (atLeast !== undefined) return [`>= ${round(atLeast)}`, value >= atLeast ? 'met' : 'MISSED'];
  if (atMost !== undefined) return [`<= ${round(atMost)}`, value <= atMost ? 'met' : 'MISSED'];
  return ['', ''];
}

/** The figures of one benchmark as a table for people. */
export function table({ bench, figures }: Report): string {
  const rows = new Table({
    head: [bench.name, 'median', 'min', 'max', 'unit', 'target', ''],
    style: { head: [], border: [] },
  });
  for (const figure of figures) {
    const order = sorted(figure.values);
    rows.push([
      ...[figure.name, round(median(figure.values)), round(order[0] ?? 0), round(order.at(-1) ?? 0)],
      ...[figure.unit, ...verdict(figure)],
    ]);
  }
  return rows.toString();
}

/** Writes all reports with the machine they are of; answers the file's path. */
export function save(reports: readonly Report[], quick: boolean): string {
  mkdirSync(RESULTS, { recursive: true });
  const at = new Date().toISOString();
  const path = `${RESULTS}/${at.replaceAll(':', '-')}.json`;
  const content = { at, quick, machine: machine(), reports: reports.map((report) => withMedians(report)) };
  writeFileSync(path, `${JSON.stringify(content, undefined, 2)}\n`);
  return path;
}

function withMedians(report: Report): unknown {
  return {
    ...report,
    figures: report.figures.map((figure) => ({ ...figure, median: median(figure.values) })),
  };
}

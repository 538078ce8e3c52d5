import Table from 'cli-table3';
import { cell, jsonText, printable } from './text.ts';

type Out = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command writes with: tables and sentences for people, or JSON for programs. */
export interface Terminal {
  readonly isInteractive: boolean;
  /** One JSON document. */
  json(value: unknown): void;
  line(text?: string): void;
  /** A heading, bold on a terminal. */
  heading(text: string): void;
  /** A table; a sentence where there are no rows. */
  table(head: readonly string[], rows: readonly (readonly unknown[])[], whenEmpty: string): void;
  /** Two columns: names and values. */
  facts(facts: readonly (readonly [string, unknown])[]): void;
  /** A mark for good or bad, coloured on a terminal. */
  mark(isGood: boolean): string;
}

const CELL_MAX_CHARS = 200;

function shorten(text: string): string {
  return text.length > CELL_MAX_CHARS ? `${text.slice(0, CELL_MAX_CHARS)}…` : text;
}

/** Colours only on a terminal that has not asked for none. */
export function createTerminal(out: Out, env: NodeJS.ProcessEnv): Terminal {
  const isInteractive = out.isTTY === true;
  const colours = isInteractive && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  const paint = (code: number, text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const line = (text = '') => {
    out.write(`${text}\n`);
  };
  const style = { head: [], border: [], compact: true };
  return {
    isInteractive,
    json: (value) => {
      line(jsonText(value));
    },
    line,
    heading: (text) => {
      line(paint(1, printable(text)));
    },
    table: (head, rows, whenEmpty) => {
      if (rows.length === 0) {
        line(whenEmpty);
        return;
      }
      const table = new Table({ head: head.map((title) => paint(1, title)), style });
      for (const row of rows) table.push(row.map((value) => shorten(cell(value))));
      line(table.toString());
    },
    facts: (facts) => {
      const width = Math.max(0, ...facts.map(([name]) => name.length));
      for (const [name, value] of facts) line(`  ${name.padEnd(width)}  ${cell(value)}`);
    },
    mark: (isGood) => (isGood ? paint(32, '✓') : paint(31, '✗')),
  };
}

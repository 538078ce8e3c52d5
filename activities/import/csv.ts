import type { Options } from 'csv-parse';
import type { Content } from './content.ts';
import { codeOf, readRecords, type CsvRecord } from './csv-records.ts';
import { importFailure } from './failures.ts';
import type { FileRow, ImportPlan } from './types.ts';

/** A most of characters in one record, and of columns in a header. */
const RECORD_CHARS_MAX = 1_000_000;
const COLUMNS_MAX = 2_000;
const DELIMITERS = [',', ';', '\t', '|'];

/** The columns of a file, and where its first row starts. */
export interface CsvHeader {
  readonly columns: readonly string[];
  readonly endByte: number;
}

function options(plan: Pick<ImportPlan, 'delimiter' | 'encoding'>): Options {
  return {
    delimiter: plan.delimiter,
    encoding: plan.encoding,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: RECORD_CHARS_MAX,
  };
}

/** Lines that the parser skips. */
const BLANK_LINES = /^(?:[^\S\r\n]*[\r\n])+/u;

/** The candidate that the first line that isn't blank holds most of, outside of quotes; a comma where there is none. */
export function detectDelimiter(start: string): string {
  const counts = new Map(DELIMITERS.map((delimiter) => [delimiter, 0]));
  let quoted = false;
  for (const char of start.replace(BLANK_LINES, '')) {
    if (char === '"') quoted = !quoted;
    else if (!quoted && (char === '\n' || char === '\r')) break;
    else if (!quoted && counts.has(char)) counts.set(char, (counts.get(char) ?? 0) + 1);
  }
  return DELIMITERS.reduce((best, next) => ((counts.get(next) ?? 0) > (counts.get(best) ?? 0) ? next : best));
}

function parseFailure(error: unknown): Error {
  const code = codeOf(error);
  const row = error instanceof Error && 'lines' in error ? ` near line ${String(error.lines)}` : '';
  if (code === 'CSV_QUOTE_NOT_CLOSED')
    return importFailure(
      'MalformedFile',
      `a quote is opened and never closed${row}; everything after it is one value`,
    );
  if (code === 'CSV_MAX_RECORD_SIZE')
    return importFailure('MalformedFile', `a row is longer than ${RECORD_CHARS_MAX} characters${row}`);
  if (code.startsWith('CSV_')) return importFailure('MalformedFile', `the file is no CSV (${code})${row}`);
  return error instanceof Error ? error : new Error(code);
}

/** The records from a byte on, with a clear failure where they are none. */
async function* records(
  content: Content,
  from: number,
  parserOptions: Options,
): AsyncGenerator<readonly CsvRecord[]> {
  try {
    yield* readRecords(content(from), parserOptions);
  } catch (error) {
    throw parseFailure(error);
  }
}

function headerOf({ record, endByte }: CsvRecord): CsvHeader {
  const columns = record.map((name, position) => (name === '' ? `column_${position + 1}` : name));
  if (columns.length > COLUMNS_MAX)
    throw importFailure(
      'MalformedFile',
      `the header has ${columns.length} columns; at most ${COLUMNS_MAX} are taken`,
    );
  const twice = columns.findIndex((name, position) => columns.indexOf(name) !== position);
  if (twice >= 0)
    throw importFailure(
      'MalformedFile',
      `the header names column ${twice + 1} like one before it; rename one of them`,
    );
  return { columns, endByte };
}

/** Reads the header; names are trimmed. Throws a clear failure where there is none, or one with a name twice. */
export async function readHeader(
  content: Content,
  plan: Pick<ImportPlan, 'delimiter' | 'encoding'>,
): Promise<CsvHeader> {
  for await (const [first] of records(content, 0, { ...options(plan), bom: true, to: 1 })) {
    if (first !== undefined) return headerOf(first);
  }
  throw importFailure('MalformedFile', 'the file is empty: it has no header');
}

/** Reads rows from a byte that starts one, as `readRows`. A row whose values don't match the header is rejected by itself. */
export async function* readCsvRows(
  content: Content,
  plan: Pick<ImportPlan, 'delimiter' | 'encoding'>,
  from: { readonly byte: number; readonly row: number },
): AsyncGenerator<readonly FileRow[]> {
  const { columns } = await readHeader(content, plan);
  // Keys written once as text: a column called `__proto__` is a name like any other.
  const keys = columns.map((name, position) => `${position === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  let { row } = from;
  const rowOf = ({ record, endByte: end }: CsvRecord): FileRow => {
    row += 1;
    const endByte = from.byte + end;
    if (record.length !== columns.length) {
      const detail = `the row has ${record.length} values and the header ${columns.length} columns`;
      return { row, body: JSON.stringify(record), endByte, reject: { code: 'column-count', detail } };
    }
    let body = '';
    for (let i = 0; i < keys.length; i += 1) body += `${keys[i] ?? ''}${JSON.stringify(record[i])}`;
    return { row, body: `${body}}`, endByte };
  };
  for await (const together of records(content, from.byte, options(plan))) yield together.map(rowOf);
}

import { finished } from 'node:stream/promises';
import { parse, type Info, type Options } from 'csv-parse';
import type { Content } from './content.ts';
import { importFailure } from './failures.ts';
import type { FileRow, ImportPlan } from './types.ts';

/** A most of characters in one record, and of columns in a header. */
const RECORD_CHARS_MAX = 1_000_000;
const COLUMNS_MAX = 2_000;
const DELIMITERS = [',', ';', '\t', '|'];

interface CsvRecord {
  readonly record: string[];
  readonly info: Info;
}

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
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: RECORD_CHARS_MAX,
  };
}

/** The candidate that the first line holds most of, outside of quotes; a comma where there is none. */
export function detectDelimiter(start: string): string {
  const counts = new Map(DELIMITERS.map((delimiter) => [delimiter, 0]));
  let quoted = false;
  for (const char of start) {
    if (char === '"') quoted = !quoted;
    else if (!quoted && (char === '\n' || char === '\r')) break;
    else if (!quoted && counts.has(char)) counts.set(char, (counts.get(char) ?? 0) + 1);
  }
  return DELIMITERS.reduce((best, next) => ((counts.get(next) ?? 0) > (counts.get(best) ?? 0) ? next : best));
}

function parseFailure(error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
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

/**
 * The records of a content, those that end in one piece of it together: to wait for each by itself would cost more than to
 * read it.
 */
async function* records(
  content: Content,
  from: number,
  parserOptions: Options,
): AsyncGenerator<readonly CsvRecord[]> {
  const parser = parse(parserOptions);
  const ended = finished(parser);
  // Looked at once all is written; a failure before that is the write's.
  ended.catch(() => undefined);
  let together: CsvRecord[] = [];
  parser.on('data', (record: CsvRecord) => together.push(record));
  const taken = (): readonly CsvRecord[] => {
    const records = together;
    together = [];
    return records;
  };
  const write = (piece: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      parser.write(piece, (error) => {
        if (error == null) resolve();
        else reject(error);
      });
    });
  try {
    for await (const piece of content(from)) {
      await write(piece);
      if (together.length > 0) yield taken();
    }
    parser.end();
    await ended;
    if (together.length > 0) yield taken();
  } catch (error) {
    throw parseFailure(error);
  } finally {
    parser.destroy();
  }
}

function headerOf({ record, info }: CsvRecord): CsvHeader {
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
  return { columns, endByte: info.bytes };
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
  const rowOf = ({ record, info }: CsvRecord): FileRow => {
    row += 1;
    const endByte = from.byte + info.bytes;
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

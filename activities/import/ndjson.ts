import { quoteLongIntegers } from '../../domain/long-integers.ts';
import type { Content } from './content.ts';
import { importFailure } from './failures.ts';
import type { FileRow, ImportPlan } from './types.ts';

/** A most of bytes in one line; a longer one is rejected and its end looked for without keeping it. */
export const LINE_BYTES_MAX = 1_000_000;
const NEWLINE = 0x0a;
const BOM = '\uFEFF';

/** A line without its end. */
export interface Line {
  /** Undefined where the line is too long to keep. */
  readonly bytes: Buffer | undefined;
  readonly endByte: number;
}

/** Cuts bytes into lines, those that end in one piece together; `from` is where the first of them stands. */
export async function* lines(content: AsyncIterable<Buffer>, from: number): AsyncGenerator<readonly Line[]> {
  let kept: Buffer[] = [];
  let length = 0;
  let endByte = from;
  const take = (): Line => {
    const line = { bytes: length > LINE_BYTES_MAX ? undefined : Buffer.concat(kept), endByte };
    kept = [];
    length = 0;
    return line;
  };
  for await (const bytes of content) {
    const together: Line[] = [];
    let start = 0;
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline === -1 ? bytes.length : newline;
      length += end - start;
      if (length <= LINE_BYTES_MAX) kept.push(bytes.subarray(start, end));
      else kept = [];
      endByte += end - start + (newline === -1 ? 0 : 1);
      if (newline === -1) break;
      together.push(take());
      start = newline + 1;
    }
    if (together.length > 0) yield together;
  }
  if (length > 0) yield [take()];
}

/**
 * Throws a clear failure where content begins as one JSON document, a list or an object over several lines, of which each line
 * would be an error of its own. `head` is some of its beginning.
 */
export function checkOneValueALine(head: string): void {
  const first = head.trimStart().split('\n', 1)[0]?.trimEnd() ?? '';
  if (first !== '{' && !first.startsWith('[')) return;
  const [what, program] = first === '{' ? ['object', 'jq -c .'] : ['list', "jq -c '.[]'"];
  const sentence = `the file is one JSON ${what}, where NDJSON is a JSON object a line; "${program} FILE > FILE.ndjson" makes it so`;
  throw importFailure('MalformedFile', sentence);
}

/** Reads rows from a byte that starts a line, as `readRows`. A line that is no JSON is rejected by itself, its text kept. */
export async function* readJsonRows(
  content: Content,
  plan: Pick<ImportPlan, 'encoding'>,
  from: { readonly byte: number; readonly row: number },
): AsyncGenerator<readonly FileRow[]> {
  let { row } = from;
  for await (const together of lines(content(from.byte), from.byte)) {
    const rows: FileRow[] = [];
    for (const line of together) {
      const read = rowOf(line, row + 1, plan);
      if (read === undefined) continue;
      rows.push(read);
      row += 1;
    }
    if (rows.length > 0) yield rows;
  }
}

/** The row of a line; undefined for an empty one. */
function rowOf(
  { bytes, endByte }: Line,
  row: number,
  plan: Pick<ImportPlan, 'encoding'>,
): FileRow | undefined {
  if (bytes === undefined) {
    const detail = `the line is longer than ${LINE_BYTES_MAX} bytes`;
    return { row, body: 'null', endByte, reject: { code: 'line-too-long', detail } };
  }
  const decoded = bytes.toString(plan.encoding);
  const text = (endByte - bytes.length <= 1 ? decoded.replace(BOM, '') : decoded).trim();
  if (text === '') return undefined;
  if (isJson(text)) return { row, body: quoteLongIntegers(text), endByte };
  return { row, body: JSON.stringify(text), endByte, reject: MALFORMED };
}

const MALFORMED = { code: 'malformed-json', detail: 'the line is no JSON value' } as const;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

import type { Content } from './content.ts';
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

/** Cuts bytes into lines; `from` is where the first of them stands. */
export async function* lines(content: AsyncIterable<Buffer>, from: number): AsyncGenerator<Line> {
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
    let start = 0;
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline === -1 ? bytes.length : newline;
      length += end - start;
      if (length <= LINE_BYTES_MAX) kept.push(bytes.subarray(start, end));
      else kept = [];
      endByte += end - start + (newline === -1 ? 0 : 1);
      if (newline === -1) break;
      yield take();
      start = newline + 1;
    }
  }
  if (length > 0) yield take();
}

/** Reads rows from a byte that starts a line. A line that is no JSON is rejected by itself, its text kept. */
export async function* readJsonRows(
  content: Content,
  plan: Pick<ImportPlan, 'encoding'>,
  from: { readonly byte: number; readonly row: number },
): AsyncGenerator<FileRow> {
  let { row } = from;
  for await (const { bytes, endByte } of lines(content(from.byte), from.byte)) {
    if (bytes === undefined) {
      row += 1;
      const detail = `the line is longer than ${LINE_BYTES_MAX} bytes`;
      yield { row, body: 'null', endByte, reject: { code: 'line-too-long', detail } };
      continue;
    }
    const decoded = bytes.toString(plan.encoding);
    const text = (endByte - bytes.length <= 1 ? decoded.replace(BOM, '') : decoded).trim();
    if (text === '') continue;
    row += 1;
    yield isJson(text)
      ? { row, body: text, endByte }
      : { row, body: JSON.stringify(text), endByte, reject: MALFORMED };
  }
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

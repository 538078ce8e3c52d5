import { finished } from 'node:stream/promises';
import { parse, type CastingFunction, type Options, type Parser } from 'csv-parse';
import { parse as parseAtOnce } from 'csv-parse/sync';

/** A record, and where the next one starts. */
export interface CsvRecord {
  readonly record: string[];
  readonly endByte: number;
}

/** The parser's word for text between a closing quote and the end of the value, which it can't read and trim at once. */
const TEXT_AFTER_QUOTE = 'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE';
const QUOTE_NOT_CLOSED = 'CSV_QUOTE_NOT_CLOSED';
const NO_BYTES: Buffer = Buffer.alloc(0);

/** What kind of failure the parser reports. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** Passes bytes to a parser. Rejects with what is wrong with them. */
async function feed(parser: Parser, bytes: Buffer, isLast: boolean): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    parser.write(bytes, (error) => {
      if (error == null) resolve();
      else reject(error);
    });
  });
  if (!isLast) return;
  parser.end();
  await finished(parser);
}

/** Trims a value as the parser does where it can: text in quotes stays, unless something but spaces follows it. */
const trimmed: CastingFunction = (value, { quoting }) => {
  if (!quoting) return value.trimEnd();
  if (!value.startsWith('"')) return value;
  const text = value.trimEnd();
  const inner = text.slice(1, -1);
  return text !== value && text.endsWith('"') && !inner.includes('"') ? inner : text;
};

/**
 * The record that bytes begin with, a value with text after its closing quote as it is written. Undefined where more bytes
 * are to come and the record may go on in them.
 */
function readAsWritten(bytes: Buffer, options: Options, isLast: boolean): CsvRecord | undefined {
  const records: CsvRecord[] = [];
  try {
    parseAtOnce(bytes, {
      ...options,
      ltrim: true,
      cast: trimmed,
      to: 1,
      on_record: (record, info) => {
        records.push({ record, endByte: info.bytes });
        return null;
      },
    });
  } catch (error) {
    if (codeOf(error) === QUOTE_NOT_CLOSED && !isLast) return undefined;
    throw error;
  }
  const [first] = records;
  return isLast || (first !== undefined && first.endByte < bytes.length) ? first : undefined;
}

/**
 * Cuts bytes into records, values trimmed. One that the parser refuses for text after a closing quote is read by itself, as it
 * is written, and reading goes on behind it: what a record comes to never depends on those before it.
 */
class RecordReader {
  readonly #options: Options;
  /** None while the rest of a record that is read by itself is waited for. */
  #parser: Parser | undefined;
  #records: CsvRecord[] = [];
  /** What follows on the last record, and where that is. */
  #rest = NO_BYTES;
  #restAt = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#parser = this.#open();
  }

  /** Reads the bytes that come next, and answers the records that end in them. */
  async read(piece: Buffer, isLast = false): Promise<readonly CsvRecord[]> {
    this.#records = [];
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let bytes = piece;
    while (!(await this.#parsed(bytes, isLast))) {
      const found = readAsWritten(this.#rest, this.#options, isLast);
      if (found === undefined) break;
      this.#records.push({ ...found, endByte: this.#restAt + found.endByte });
      this.#cut();
      this.#parser = this.#open();
      bytes = this.#rest;
    }
    return this.#records;
  }

  close(): void {
    this.#parser?.destroy();
  }

  /** Whether the parser could read on. */
  async #parsed(bytes: Buffer, isLast: boolean): Promise<boolean> {
    if (this.#parser === undefined) return false;
    try {
      await feed(this.#parser, bytes, isLast);
      return true;
    } catch (error) {
      if (codeOf(error) !== TEXT_AFTER_QUOTE) throw error;
      this.#parser = undefined;
      return false;
    } finally {
      this.#cut();
    }
  }

  #cut(): void {
    const end = this.#records.at(-1)?.endByte ?? this.#restAt;
    this.#rest = this.#rest.subarray(end - this.#restAt);
    this.#restAt = end;
  }

  #open(): Parser {
    const start = this.#restAt;
    const parser = parse({
      ...this.#options,
      trim: true,
      // Records are taken from here: what the stream holds back is lost when it fails.
      on_record: (record, info) => {
        this.#records.push({ record, endByte: start + info.bytes });
        return null;
      },
    });
    parser.resume();
    // Told to who wrote.
    parser.on('error', () => undefined);
    return parser;
  }
}

/**
 * The records of bytes, those that end in one piece of them together: to wait for each by itself would cost more than to
 * read it.
 */
export async function* readRecords(
  content: AsyncIterable<Buffer>,
  options: Options,
): AsyncGenerator<readonly CsvRecord[]> {
  const reader = new RecordReader(options);
  try {
    for await (const piece of content) {
      const records = await reader.read(piece);
      if (records.length > 0) yield records;
    }
    const last = await reader.read(NO_BYTES, true);
    if (last.length > 0) yield last;
  } finally {
    reader.close();
  }
}

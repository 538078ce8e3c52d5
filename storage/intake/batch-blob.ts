import type { BatchHeader, RawItem } from '../../domain/ingestion/raw.ts';
import { StorageError } from '../errors.ts';

const NEWLINE = 10;

/** A batch that can't be read back: gone, or not what its header says. Never retried. */
export class BatchUnreadable extends StorageError {
  constructor(what: string) {
    super('batch-unreadable', what);
  }
}

/** Where a batch's bytes are. */
export function blobKey(source: string, lane: number, batchId: string): string {
  return `raw/${source}/${String(lane)}/${batchId}`;
}

/** Lines that are made one text; a batch whole would be too large for the young generation, and wait for the old one's. */
const LINES_PER_PART = 32;

/** What the keys of all batches of a source begin with. */
export function sourcePrefix(source: string): string {
  return `raw/${source}/`;
}

/** A batch's bytes: its header, then one line an item. */
export function encodeBatch(header: BatchHeader, lines: readonly string[]): Uint8Array {
  const parts = [`${JSON.stringify(header)}\n`];
  for (let at = 0; at < lines.length; at += LINES_PER_PART) {
    const part = lines.slice(at, at + LINES_PER_PART).join('\n');
    parts.push(at + LINES_PER_PART < lines.length ? `${part}\n` : part);
  }
  const bytes = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0));
  let written = 0;
  for (const part of parts) written += bytes.write(part, written);
  return bytes;
}

/** The header that the bytes begin with, and the items. Throws `BatchUnreadable`. */
export function decodeBatch(bytes: Uint8Array): { header: BatchHeader; items: RawItem[] } {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = text.indexOf(NEWLINE);
  if (end < 0) throw new BatchUnreadable('a batch has no header');
  const header = JSON.parse(text.toString('utf8', 0, end)) as BatchHeader;
  const body = text.toString('utf8', end + 1);
  // One parse of an array is faster than one a line; JSON has no bare newline inside a value.
  const items = body === '' ? [] : (JSON.parse(`[${body.replaceAll('\n', ',')}]`) as RawItem[]);
  if (items.length !== header.items) {
    throw new BatchUnreadable(
      `batch ${header.batchId} holds ${items.length} items instead of ${header.items}`,
    );
  }
  return { header, items };
}

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FileFormat, FileStamp } from '../../domain/ingestion/imports.ts';
import type { Files } from '../../storage/files/types.ts';
import { importFailure } from './failures.ts';

/** Decompressed bytes are handed on in pieces of so many. */
const PIECE_BYTES = 1 << 18;
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const ZIP = Buffer.from([0x50, 0x4b, 0x03, 0x04]);
const PARQUET = Buffer.from('PAR1');

/** Which content of which location. */
export interface ContentRef {
  readonly path: string;
  readonly stamp: FileStamp;
  readonly compression?: 'gzip' | undefined;
}

/** Content from a byte on, as often as it is asked for. */
export type Content = (from: number) => AsyncIterable<Buffer>;

/**
 * The content of a file, decompressed, from a position of the content on. Compressed content can't be entered in its
 * middle: what lies before is decompressed and dropped. Memory does not grow with what a file decompresses to.
 */
export async function* contentOf(files: Files, ref: ContentRef, from = 0): AsyncGenerator<Buffer> {
  if (ref.compression === undefined) {
    yield* files.read(ref.path, ref.stamp, from);
    return;
  }
  let skip = from;
  const raw = Readable.from(files.read(ref.path, ref.stamp), { objectMode: false });
  // The pipeline carries a failure of the one into the other; the reader below is told.
  const plain = pipeline(raw, createGunzip({ chunkSize: PIECE_BYTES }), () => undefined);
  try {
    for await (const piece of plain) {
      const bytes = piece as Buffer;
      if (skip < bytes.length) yield bytes.subarray(skip);
      skip = Math.max(0, skip - bytes.length);
    }
  } catch (error) {
    throw gzipFailure(error);
  } finally {
    raw.destroy();
  }
}

function gzipFailure(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR')
    return importFailure(
      'MalformedFile',
      'the gzip data end before their end: the file was cut off; transfer it again, then import it',
    );
  if (code.startsWith('Z_'))
    return importFailure('MalformedFile', `the gzip data are damaged (${code}); transfer the file again`);
  return error;
}

/** The first bytes of a file's content. */
export async function headOf(files: Files, ref: ContentRef, bytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of contentOf(files, ref)) {
    pieces.push(piece);
    length += piece.length;
    if (length >= bytes) break;
  }
  return Buffer.concat(pieces).subarray(0, bytes);
}

/** How a file is compressed, by its first bytes. Throws a clear failure for what can't be read as the format. */
export async function compressionOf(
  files: Files,
  path: string,
  stamp: FileStamp,
  format: FileFormat,
): Promise<'gzip' | undefined> {
  const head = await headOf(files, { path, stamp }, PARQUET.length);
  const starts = (magic: Buffer): boolean => head.subarray(0, magic.length).equals(magic);
  if (format === 'parquet') {
    if (starts(PARQUET)) return undefined;
    throw importFailure('MalformedFile', 'the file is no Parquet: it does not start as one');
  }
  if (starts(PARQUET))
    throw importFailure('MalformedFile', 'the file is Parquet; name its format, or end its name in .parquet');
  if (starts(ZSTD) || starts(ZIP)) {
    const kind = starts(ZIP) ? 'zip' : 'zstd';
    throw importFailure('MalformedFile', `the file is compressed by ${kind}, which is not read; use gzip`);
  }
  return starts(GZIP) ? 'gzip' : undefined;
}

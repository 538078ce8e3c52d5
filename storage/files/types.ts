import type { FileStamp } from '../../domain/ingestion/imports.ts';
import { StorageError } from '../errors.ts';

/** A file of a folder or prefix. */
export interface FoundFile {
  /** As it can be read by: an absolute path, or `s3://bucket/key`. */
  readonly location: string;
  readonly stamp: FileStamp;
  /** When it was last touched in any way, epoch milliseconds; 0 for an object, which appears whole. */
  readonly touchedMs: number;
}

/** Why a file can't be read: it is not there or not allowed, or is not the one that was begun with. */
export type FileProblemCode = 'file-unreadable' | 'file-changed';

/** A fault of the location or of what is there; trying again would not help. The sentence names no location. */
export class FileProblem extends StorageError {
  override readonly code: FileProblemCode;
  constructor(code: FileProblemCode, sentence: string) {
    super(code, sentence);
    this.code = code;
  }
}

/**
 * Files that others wrote, on this machine or in S3; read, never written. Its calls throw `FileProblem`, and
 * `StoreUnavailable` while S3 does not answer.
 */
export interface Files {
  stamp(location: string): Promise<FileStamp>;
  /** The bytes from a position on. Throws `FileProblem` (`file-changed`) where an object is no longer the stamped one. */
  read(location: string, stamp: FileStamp, from?: number): AsyncIterable<Buffer>;
  /** Every file below a folder or prefix, in the order of names; what starts with a dot is left out. */
  list(folder: string): AsyncIterable<FoundFile>;
  close(): void;
}

/** The failure of a file that changed under its reader. */
export function fileChanged(): FileProblem {
  return new FileProblem(
    'file-changed',
    'the file changed while it was read; import it again once nobody writes to it. Rows taken in so far stay, and ' +
      'those that are in both versions are recognised only where they carry message ids of their own, or where the ' +
      'folder that the file lies in is imported',
  );
}

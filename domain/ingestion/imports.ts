/** Formats of files that can be imported. CSV and NDJSON may be compressed by gzip. */
export type FileFormat = 'csv' | 'ndjson' | 'parquet';

const ENDINGS: readonly (readonly [RegExp, FileFormat])[] = [
  [/\.(?:ndjson|jsonl|json)(?:\.gz)?$/i, 'ndjson'],
  [/\.(?:parquet|pq)$/i, 'parquet'],
  [/\.(?:csv|tsv|txt)(?:\.gz)?$/i, 'csv'],
];

/** The format that the ending of a file's name tells; undefined where it tells none. */
export function formatOfName(name: string): FileFormat | undefined {
  return ENDINGS.find(([ending]) => ending.test(name))?.[1];
}

/** Whether a location is an object or prefix in S3, `s3://bucket/key`, and not a path. */
export function isObjectLocation(location: string): boolean {
  return location.startsWith('s3://');
}

/** What tells a file from another at the same location. */
export interface FileStamp {
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly modifiedMs: number;
  /** Of an object in S3; it changes with every version. */
  readonly etag?: string;
}

/** Whether two stamps are of the same content, as far as stamps tell. */
export function sameStamp(one: FileStamp, other: FileStamp): boolean {
  // A listing of S3 tells the time of an object finer than its head does; the version says all there is to say.
  const version = one.etag === other.etag && (one.etag !== undefined || one.modifiedMs === other.modifiedMs);
  return version && one.bytes === other.bytes;
}

/** Kept in the store under the import id: what was asked. */
export interface ImportRequest {
  readonly importId: string;
  readonly source: string;
  readonly mapping: string;
  /** A path on the worker's machine, or `s3://bucket/key`. */
  readonly path: string;
  readonly format: FileFormat;
  readonly encoding?: 'utf8' | 'latin1';
  /** Detected where absent. */
  readonly delimiter?: string;
  readonly dryRun: boolean;
  /** ISO 8601 UTC. */
  readonly requestedAt: string;
  /** The import of a folder that it is part of. */
  readonly folderId?: string;
  /** How the file was when the folder was looked through. */
  readonly listed?: FileStamp;
}

/** What the `progress` query and the status URL answer. */
export interface ImportProgress {
  readonly importId: string;
  readonly source: string;
  readonly status: 'reading' | 'draining' | 'done' | 'failed';
  readonly bytes: number;
  readonly bytesTotal: number;
  readonly rows: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** Clear sentence for the person who asked; no values of the file. */
  readonly error?: string;
  /** What kind of failure, such as `FileChanged`. */
  readonly errorType?: string;
}

/** A row that could not go on, and why. Holds no values of the file. */
export interface RowError {
  /** From 1, the header not counted. */
  readonly row: number;
  readonly code: string;
  readonly detail: string;
}

/** What an import did, kept for good under its id. */
export interface ImportManifest extends ImportProgress {
  /** Absent from manifests of before it was noted. */
  readonly path?: string;
  readonly format?: FileFormat;
  readonly mapping: string;
  readonly dryRun: boolean;
  readonly requestedAt: string;
  /** SHA-256 of the file, the first 22 characters of its base64url; part of the default message ids. */
  readonly fileDigest: string;
  /** The first of the rows that were quarantined or could not be read, up to `ROW_ERRORS_MAX`. */
  readonly errors: readonly RowError[];
  /** Rows that were quarantined or could not be read, by the code of their reason: all of them. */
  readonly reasons?: Readonly<Record<string, number>>;
}

/** So many row errors are listed in a manifest; all of them are counted and in quarantine. */
export const ROW_ERRORS_MAX = 1_000;

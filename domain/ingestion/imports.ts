/** Formats of files that can be imported. */
export type FileFormat = 'csv' | 'ndjson';

/** Kept in the store under the import id: what was asked. */
export interface ImportRequest {
  readonly importId: string;
  readonly source: string;
  readonly mapping: string;
  /** A path on the worker's machine. */
  readonly path: string;
  readonly format: FileFormat;
  readonly encoding?: 'utf8' | 'latin1';
  /** Detected where absent. */
  readonly delimiter?: string;
  readonly dryRun: boolean;
  /** ISO 8601 UTC. */
  readonly requestedAt: string;
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
  readonly mapping: string;
  readonly dryRun: boolean;
  readonly requestedAt: string;
  /** SHA-256 of the file, the first 22 characters of its base64url; part of the default message ids. */
  readonly fileDigest: string;
  /** The first of the rows that were quarantined or could not be read, up to `ROW_ERRORS_MAX`. */
  readonly errors: readonly RowError[];
}

/** So many row errors are listed in a manifest; all of them are counted and in quarantine. */
export const ROW_ERRORS_MAX = 1_000;

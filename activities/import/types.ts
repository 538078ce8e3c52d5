import type { FileFormat, ImportProgress } from '../../domain/ingestion/imports.ts';
import type { Files } from '../../storage/files/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';

/** What imports work with. */
export interface ImportDeps {
  readonly store: TenantStore;
  readonly files: Files;
  /** Wakes the pump of a lane that has none. */
  readonly wake: (source: string, lane: number) => Promise<void>;
}

/** Which import; what was asked is kept in the store under the id. */
export interface ImportInput {
  readonly tenant: string;
  readonly source: string;
  readonly importId: string;
}

/** Where reading stands: everything before it is in batches. */
export interface ImportPosition {
  /** Of the content, decompressed; of Parquet, which is read by rows, the share of the file that they are. */
  readonly byte: number;
  /** Rows read so far, the header not counted. */
  readonly row: number;
  /** Pieces of the file made so far, each a batch in every lane that it has rows for. */
  readonly chunk: number;
  readonly done: boolean;
}

/** What was found out about the file before it is read; nothing of its content. */
export interface ImportPlan {
  /** SHA-256, the first 22 characters of its base64url. */
  readonly digest: string;
  /** Bytes of the content, decompressed. */
  readonly bytesTotal: number;
  /** Bytes of the file itself where they differ. */
  readonly fileBytes?: number;
  readonly modifiedMs: number;
  /** Of an object in S3, the version that is read. */
  readonly etag?: string;
  readonly compression?: 'gzip';
  /** Rows of a Parquet file, which says how many it has. */
  readonly rowsTotal?: number;
  readonly format: FileFormat;
  readonly encoding: 'utf8' | 'latin1';
  readonly delimiter: string;
  /** Rows are spread over so many lanes, the source's, by what their people are known by. */
  readonly lanes: number;
  /** Where that stands in a row: names of members, the first that has a value. */
  readonly spreadBy: readonly string[];
  readonly mapping: string;
  readonly dryRun: boolean;
  readonly requestedAt: string;
  /** Where reading starts: after the header, or after the rows that were taken in with an earlier version of the file. */
  readonly start: ImportPosition;
}

/** One slice of the work. */
export interface SliceInput extends ImportInput {
  readonly plan: ImportPlan;
  readonly position: ImportPosition;
  /** A most of milliseconds that the slice may take. */
  readonly sliceMs: number;
}

/** What became of rows. */
export type ImportCounts = Pick<ImportProgress, 'stored' | 'duplicates' | 'quarantined'>;

/** How far the pumps are through with an import's chunks, in their order. */
export interface DrainPosition {
  /** Chunks whose outcome is counted. */
  readonly chunk: number;
  readonly counts: ImportCounts;
  /** Rows that were turned away, by the code of their reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The first chunks in which rows were turned away, as many as it takes to list `ROW_ERRORS_MAX` of them. */
  readonly withErrors: readonly number[];
  /** How many rows those list. */
  readonly errors: number;
}

export interface DrainInput extends SliceInput {
  /** Where an earlier slice got to. */
  readonly drained?: DrainPosition;
}

export interface DrainResult {
  readonly done: boolean;
  readonly counts: ImportCounts;
  readonly drained?: DrainPosition;
}

export interface FinishInput extends ImportInput {
  readonly plan?: ImportPlan;
  readonly position?: ImportPosition;
  readonly drained?: DrainPosition;
  readonly progress: ImportProgress;
}

/** One row of a file, as a raw item's body. */
export interface FileRow {
  /** From 1, the header not counted. */
  readonly row: number;
  /** The body as JSON text. */
  readonly body: string;
  /** Where the next row starts. */
  readonly endByte: number;
  readonly reject?: { readonly code: string; readonly detail: string };
}

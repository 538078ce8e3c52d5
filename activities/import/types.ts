import type { FileFormat, ImportProgress } from '../../domain/ingestion/imports.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';

/** What imports work with. */
export interface ImportDeps {
  readonly store: TenantStore;
  /** Wakes the pump of a lane that has none. */
  readonly wake: (source: string, lane: number) => Promise<void>;
}

/** Which import; what was asked is kept in the store under the id. */
export interface ImportInput {
  readonly tenant: string;
  readonly source: string;
  readonly importId: string;
}

/** Where reading stands: everything before `byte` is in batches. */
export interface ImportPosition {
  readonly byte: number;
  /** Rows read so far, the header not counted. */
  readonly row: number;
  /** Batches made so far. */
  readonly chunk: number;
  readonly done: boolean;
}

/** What was found out about the file before it is read; nothing of its content. */
export interface ImportPlan {
  /** SHA-256, the first 22 characters of its base64url. */
  readonly digest: string;
  readonly bytesTotal: number;
  readonly modifiedMs: number;
  readonly format: FileFormat;
  readonly encoding: 'utf8' | 'latin1';
  readonly delimiter: string;
  readonly lane: number;
  readonly mapping: string;
  readonly dryRun: boolean;
  readonly requestedAt: string;
  readonly start: ImportPosition;
}

/** One slice of the work. */
export interface SliceInput extends ImportInput {
  readonly plan: ImportPlan;
  readonly position: ImportPosition;
  /** A most of milliseconds that the slice may take. */
  readonly sliceMs: number;
}

export type ImportCounts = Pick<ImportProgress, 'stored' | 'duplicates' | 'quarantined'>;

export interface FinishInput extends ImportInput {
  readonly plan?: ImportPlan;
  readonly position?: ImportPosition;
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

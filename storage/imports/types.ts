import type { FileStamp, ImportManifest, ImportRequest, RowError } from '../../domain/ingestion/imports.ts';
import type { PresentedEvent } from '../../domain/profile/present.ts';
import type { FolderStore } from './folders.types.ts';
import type { Page, PageOptions } from '../intake/types.ts';

/** What became of one batch of a file. */
export interface ImportOutcome {
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly errors: readonly RowError[];
  /** Quarantined rows by the code of their reason; absent where there are none, and from outcomes of before it was counted. */
  readonly reasons?: Readonly<Record<string, number>>;
}

/** What a row comes to: its events, or why it could not go on. */
export interface RowSample {
  /** From 1, the header not counted. */
  readonly row: number;
  readonly events: readonly PresentedEvent[];
  readonly refused?: { readonly code: string; readonly detail: string };
}

/** An import as it took rows in, so that a later version of its file can be compared with what came. */
export interface FileTake {
  readonly importId: string;
  /** With the import's id, what its batches are named by. */
  readonly requestedAt: string;
  /** Lanes that its rows were spread over. Notes of before have one instead, which had all rows. */
  readonly lanes?: number;
  readonly lane?: number;
  readonly digest: string;
  /** Rows up to this one had come with an earlier take. */
  readonly fromRow: number;
}

/** What a source knows of the file at a location: how it was when it was last imported, and what came of it. */
export interface ImportedFile {
  readonly path: string;
  readonly stamp: FileStamp;
  /** As it was asked for. */
  readonly mapping: string;
  readonly importId: string;
  readonly status: 'done' | 'failed';
  readonly errorType?: string;
  /** Whose rows, in this order, the file began with. */
  readonly takes: readonly FileTake[];
}

/** Where reading of a content starts whose first rows were taken in with an earlier version of its file. */
export interface ContentStart {
  readonly byte: number;
  readonly row: number;
}

/** Files that were imported from folders, by source. */
export interface ImportedFiles {
  get(source: string, path: string): Promise<ImportedFile | undefined>;
  /** In the order of `paths`. */
  getMany(source: string, paths: readonly string[]): Promise<(ImportedFile | undefined)[]>;
  put(source: string, file: ImportedFile): Promise<void>;
  /** Where reading of a content starts; undefined for its beginning. */
  start(source: string, fileDigest: string): Promise<ContentStart | undefined>;
  /** Keeps where reading of a content starts, once for all: answers the first that was kept. */
  putStart(source: string, fileDigest: string, start: ContentStart): Promise<ContentStart>;
}

/** Imports: what was asked, what became of each batch, and the manifest. Encrypted under the tenant's intake key. */
export interface ImportStore {
  /** Keeps a request; one that is there already under the id stays. */
  putRequest(request: ImportRequest): Promise<void>;
  request(importId: string): Promise<ImportRequest | undefined>;
  /** Requests, newest first. Throws `InvalidCursor`. */
  list(options?: PageOptions): Promise<Page<ImportRequest>>;
  putManifest(manifest: ImportManifest): Promise<void>;
  manifest(importId: string): Promise<ImportManifest | undefined>;
  /** In the order of `importIds`; undefined for what is not done. */
  manifests(importIds: readonly string[]): Promise<(ImportManifest | undefined)[]>;
  /** Idempotent: a batch's outcome is the same however often it is processed. */
  putOutcome(fileDigest: string, batchId: string, outcome: ImportOutcome): Promise<void>;
  /** In the order of `batchIds`; undefined for what is still pending. */
  outcomes(fileDigest: string, batchIds: readonly string[]): Promise<(ImportOutcome | undefined)[]>;
  /** What the first rows of a dry run come to; kept for an hour, since they hold values of the file. */
  putSamples(importId: string, samples: readonly RowSample[]): Promise<void>;
  samples(importId: string): Promise<readonly RowSample[]>;
  readonly files: ImportedFiles;
  readonly folders: FolderStore;
}

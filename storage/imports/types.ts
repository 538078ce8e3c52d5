import type { ImportManifest, ImportRequest, RowError } from '../../domain/ingestion/imports.ts';

/** What became of one batch of a file. */
export interface ImportOutcome {
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly errors: readonly RowError[];
}

/** Imports: what was asked, what became of each batch, and the manifest. Encrypted under the tenant's intake key. */
export interface ImportStore {
  /** Keeps a request; one that is there already under the id stays. */
  putRequest(request: ImportRequest): Promise<void>;
  request(importId: string): Promise<ImportRequest | undefined>;
  putManifest(manifest: ImportManifest): Promise<void>;
  manifest(importId: string): Promise<ImportManifest | undefined>;
  /** Idempotent: a batch's outcome is the same however often it is processed. */
  putOutcome(fileDigest: string, batchId: string, outcome: ImportOutcome): Promise<void>;
  /** In the order of `batchIds`; undefined for what is still pending. */
  outcomes(fileDigest: string, batchIds: readonly string[]): Promise<(ImportOutcome | undefined)[]>;
}

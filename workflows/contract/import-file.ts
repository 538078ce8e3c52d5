import type { DrainPosition, ImportPlan, ImportPosition } from '../../activities/import/types.ts';
import type { ImportProgress } from '../../domain/ingestion/imports.ts';

export type {
  FileFormat,
  ImportManifest,
  ImportProgress,
  ImportRequest,
} from '../../domain/ingestion/imports.ts';

/** The wire contract of the `importFile` workflow. Plain values, safe for every client. */
export const IMPORT_FILE_WORKFLOW = 'importFile';

/** `import/<tenant>/<source>/<importId>`; the import id is opaque and random. */
export function importWorkflowId(tenant: string, source: string, importId: string): string {
  return `import/${tenant}/${source}/${importId}`;
}

/** The path and options of the file are stored under `imports/<importId>` and not in the history. */
export interface ImportFileInput {
  readonly tenant: string;
  readonly source: string;
  readonly importId: string;
  /** How far the run before this one had come, where it was continued as new. */
  readonly from?: ImportPlace;
}

/** How far an import is. */
export interface ImportPlace {
  readonly plan: ImportPlan;
  readonly position: ImportPosition;
  readonly drained?: DrainPosition;
  readonly progress: ImportProgress;
}

/** Query: `ImportProgress`. */
export const IMPORT_PROGRESS_QUERY = 'progress';

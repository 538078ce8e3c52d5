import type { FolderProgress } from '../../domain/ingestion/folders.ts';

export type { FolderProgress };

/** The wire contract of the `importFolder` workflow. Plain values, safe for every client. */
export const IMPORT_FOLDER_WORKFLOW = 'importFolder';

/** `import-folder/<tenant>/<source>/<folderId>`; a schedule's runs have its name for an id, and Temporal adds the time. */
export function folderWorkflowId(tenant: string, source: string, folderId: string): string {
  return `import-folder/${tenant}/${source}/${folderId}`;
}

/** The folder and its options are stored under the id and not in the history. */
export interface ImportFolderInput {
  readonly tenant: string;
  readonly source: string;
  /** Of the request; a schedule's run is known by the id of its own. */
  readonly folderId?: string;
  /** The name of the schedule that started it. */
  readonly schedule?: string;
  /** How far the run before this one had come, where it was continued as new. */
  readonly from?: FolderPlace;
}

/** How far an import of a folder is. */
export interface FolderPlace {
  readonly folderId: string;
  readonly pages: number;
  readonly page: number;
  readonly progress: FolderProgress;
}

/** Query: `FolderProgress`. */
export const FOLDER_PROGRESS_QUERY = 'progress';

import type { FolderProgress } from '../../domain/ingestion/folders.ts';
import type { ImportDeps } from '../import/types.ts';

/** What imports of folders work with. */
export type FolderDeps = Pick<ImportDeps, 'store' | 'files'>;

/** Which import of a folder; what was asked is kept in the store under the id. */
export interface FolderInput {
  readonly tenant: string;
  readonly source: string;
  readonly folderId: string;
  /** The schedule whose settings are what is asked. */
  readonly schedule?: string;
}

/** One page of the files that were found. */
export interface PageInput extends FolderInput {
  readonly page: number;
}

/** What was found: counts alone. */
export interface Listing {
  readonly files: number;
  readonly pages: number;
}

export interface FinishPageInput extends PageInput {
  readonly progress: FolderProgress;
}

export interface FinishFolderInput extends FolderInput {
  readonly progress: FolderProgress;
}

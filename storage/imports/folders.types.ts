import type {
  FolderFile,
  FolderProgress,
  FolderRequest,
  ListedFile,
} from '../../domain/ingestion/folders.ts';
import type { Page, PageOptions } from '../intake/types.ts';

/** Files of a folder that are listed together. */
export const FOLDER_PAGE_FILES = 100;

/** Imports of folders: what was asked, what was found, and what became of each file. Encrypted under the tenant's intake key. */
export interface FolderStore {
  /** Keeps a request; one that is there already under the id stays. */
  putRequest(request: FolderRequest): Promise<void>;
  request(folderId: string): Promise<FolderRequest | undefined>;
  /** Requests, newest first. Throws `InvalidCursor`. */
  list(options?: PageOptions): Promise<Page<FolderRequest>>;
  /** Files found, `FOLDER_PAGE_FILES` a page from 0; the same page again replaces it. */
  putListed(folderId: string, page: number, files: readonly ListedFile[]): Promise<void>;
  listed(folderId: string, page: number): Promise<readonly ListedFile[]>;
  /** What became of a page's files. */
  putDone(folderId: string, page: number, files: readonly FolderFile[]): Promise<void>;
  done(folderId: string, page: number): Promise<readonly FolderFile[] | undefined>;
  putSummary(summary: FolderProgress): Promise<void>;
  summary(folderId: string): Promise<FolderProgress | undefined>;
}

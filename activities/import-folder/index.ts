import type { FolderProgress } from '../../domain/ingestion/folders.ts';
import { listFolder } from './list.ts';
import { finishFolder, finishPage, planPage } from './pages.ts';
import type {
  FinishFolderInput,
  FinishPageInput,
  FolderDeps,
  FolderInput,
  Listing,
  PageInput,
} from './types.ts';

/** Activities of the `importFolder` workflow. Their names are a wire contract. */
export interface FolderActivities {
  listFolder(input: FolderInput): Promise<Listing>;
  planFolderPage(input: PageInput): Promise<string[]>;
  finishFolderPage(input: FinishPageInput): Promise<FolderProgress>;
  finishFolder(input: FinishFolderInput): Promise<void>;
}

/** Closes the activities over what they work with. */
export function createFolderActivities(deps: FolderDeps): FolderActivities {
  return {
    listFolder: (input) => listFolder(deps, input),
    planFolderPage: (input) => planPage(deps, input),
    finishFolderPage: (input) => finishPage(deps, input),
    finishFolder: (input) => finishFolder(deps, input),
  };
}

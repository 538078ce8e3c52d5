import type {
  FolderFile,
  FolderProgress,
  FolderRequest,
  ListedFile,
} from '../../domain/ingestion/folders.ts';
import type { Key } from '../ports.ts';
import type { FolderStore } from './folders.types.ts';
import type { SealedValues } from './sealed.ts';

const LIST = 'folder-imports';
const PAGE_DIGITS = 9;

/** Opens the tenant's imports of folders. */
export function createFolderStore(values: SealedValues): FolderStore {
  const key = (folderId: string, sk: string): Key => ({ pk: `folder-import/${folderId}`, sk });
  const pageKey = (folderId: string, kind: 'listed' | 'done', page: number): Key =>
    key(folderId, `${kind}/${String(page).padStart(PAGE_DIGITS, '0')}`);
  return {
    async putRequest(request) {
      const { folderId, requestedAt } = request;
      await values.putNew([
        [key(folderId, 'request'), request],
        [{ pk: LIST, sk: `${requestedAt}/${folderId}` }, request],
      ]);
    },
    request: (folderId) => values.get<FolderRequest>(key(folderId, 'request')),
    list: (options) => values.newest<FolderRequest>(LIST, options),
    putListed: (folderId, page, files) => values.put(pageKey(folderId, 'listed', page), files),
    listed: async (folderId, page) =>
      (await values.get<readonly ListedFile[]>(pageKey(folderId, 'listed', page))) ?? [],
    putDone: (folderId, page, files) => values.put(pageKey(folderId, 'done', page), files),
    done: (folderId, page) => values.get<readonly FolderFile[]>(pageKey(folderId, 'done', page)),
    putSummary: (summary) => values.put(key(summary.folderId, 'summary'), summary),
    summary: (folderId) => values.get<FolderProgress>(key(folderId, 'summary')),
  };
}

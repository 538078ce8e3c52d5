import { createHash } from 'node:crypto';
import {
  emptyFolderProgress,
  withFile,
  type FolderFile,
  type FolderProgress,
  type FolderRequest,
  type ListedFile,
} from '../../domain/ingestion/folders.ts';
import {
  formatOfName,
  sameStamp,
  type ImportManifest,
  type ImportRequest,
} from '../../domain/ingestion/imports.ts';
import type { ImportedFile } from '../../storage/imports/types.ts';
import { folderRequest } from './list.ts';
import type { FinishFolderInput, FinishPageInput, FolderDeps, PageInput } from './types.ts';

const ID_CHARS = 22;

/** The import of a folder's file: the same on every try. */
function importIdOf({ folderId }: FolderRequest, path: string): string {
  return createHash('sha256').update(`${folderId}|${path}`).digest('base64url').slice(0, ID_CHARS);
}

/** What is done with a file as it was found; undefined where it is to be read. */
function leftOut(
  request: FolderRequest,
  file: ListedFile,
  known: ImportedFile | undefined,
): FolderFile | undefined {
  if (file.unsettled === true) return { path: file.path, outcome: 'unsettled' };
  // What this very run imported is known by now when a step of it is tried again.
  if (known === undefined || known.importId === importIdOf(request, file.path)) return undefined;
  if (!sameStamp(known.stamp, file.stamp) || known.mapping !== request.mapping || request.dryRun)
    return undefined;
  const { path, importId } = known;
  if (known.status === 'done') return { path, importId, outcome: 'unchanged' };
  if (request.retryMalformed || known.errorType !== 'MalformedFile') return undefined;
  const error = 'it could not be read before and has not changed since';
  return { path, importId, outcome: 'failed', error };
}

async function pageOf(deps: FolderDeps, input: PageInput) {
  const request = await folderRequest(deps, input);
  const files = await deps.store.imports.folders.listed(input.folderId, input.page);
  const known = await deps.store.imports.files.getMany(
    input.source,
    files.map(({ path }) => path),
  );
  const decided = files.map((file, at) => ({ file, left: leftOut(request, file, known[at]) }));
  return { request, decided };
}

function importRequest(request: FolderRequest, { path, stamp }: ListedFile): ImportRequest {
  const { folderId, source, mapping, encoding, delimiter, dryRun, requestedAt } = request;
  return {
    importId: importIdOf(request, path),
    ...{ source, mapping, path, dryRun, requestedAt, folderId, listed: stamp },
    format: request.format ?? formatOfName(path) ?? 'csv',
    ...(encoding === undefined ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter }),
  };
}

/** Decides which files of a page are read, and asks for their imports. Answers the ids of these, in the page's order. */
export async function planPage(deps: FolderDeps, input: PageInput): Promise<string[]> {
  const { request, decided } = await pageOf(deps, input);
  const ids: string[] = [];
  for (const { file, left } of decided) {
    if (left !== undefined) continue;
    const asked = importRequest(request, file);
    await deps.store.imports.putRequest(asked);
    ids.push(asked.importId);
  }
  return ids;
}

function fileOf(path: string, importId: string, manifest: ImportManifest | undefined): FolderFile {
  if (manifest === undefined)
    return { path, importId, outcome: 'failed', error: 'the import of the file was stopped' };
  const { rows, stored, duplicates, quarantined, error } = manifest;
  const counts = { rows, stored, duplicates, quarantined };
  if (manifest.status === 'done') return { path, importId, outcome: 'imported', ...counts };
  return { path, importId, outcome: 'failed', ...counts, ...(error === undefined ? {} : { error }) };
}

/** Keeps what became of a page's files, once their imports have ended. Answers the folder's progress with them. */
export async function finishPage(deps: FolderDeps, input: FinishPageInput): Promise<FolderProgress> {
  const { request, decided } = await pageOf(deps, input);
  const { imports } = deps.store;
  const ids = decided.map(({ file }) => importIdOf(request, file.path));
  const manifests = await imports.manifests(ids);
  const files = decided.map(({ file, left }, at) => left ?? fileOf(file.path, ids[at] ?? '', manifests[at]));
  await imports.folders.putDone(input.folderId, input.page, files);
  return files.reduce(withFile, input.progress);
}

/** Leaves the summary; run again, it leaves the same one. */
export async function finishFolder(deps: FolderDeps, input: FinishFolderInput): Promise<void> {
  await deps.store.imports.folders.putSummary({
    ...emptyFolderProgress(input.folderId, input.source),
    ...input.progress,
  });
}

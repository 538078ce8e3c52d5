import { CancelledFailure, Context } from '@temporalio/activity';
import { durationMs } from '../../domain/duration.ts';
import {
  isPartialName,
  namePattern,
  type FolderRequest,
  type ListedFile,
} from '../../domain/ingestion/folders.ts';
import { formatOfName, isObjectLocation } from '../../domain/ingestion/imports.ts';
import type { FoundFile } from '../../storage/files/types.ts';
import { FOLDER_PAGE_FILES } from '../../storage/imports/folders.types.ts';
import { asImportFailure, importFailure } from '../import/failures.ts';
import type { FolderDeps, FolderInput, Listing } from './types.ts';

/** What was asked under a folder's id. Throws a clear failure where nothing was. */
export async function folderRequest(deps: FolderDeps, input: FolderInput): Promise<FolderRequest> {
  const request = await deps.store.imports.folders.request(input.folderId);
  if (request === undefined)
    throw importFailure(
      'UnknownImport',
      `there is no import of a folder ${input.folderId}; it was never asked for`,
    );
  return request;
}

/** A schedule's run is asked for by what the schedule is set to when it starts. */
async function askBySchedule({ store }: FolderDeps, input: FolderInput): Promise<void> {
  const { source, schedule: name, folderId } = input;
  if (name === undefined) return;
  const action = (await store.schedules.get({ source, name }))?.action;
  const config = await store.registry.source(source);
  if (action?.kind !== 'import' || config === undefined)
    throw importFailure('UnknownImport', 'the schedule, or its source, is no longer there');
  const { folder, pattern, settle, mapping = config.mapping } = action;
  await store.imports.folders.putRequest({
    ...{ folderId, source, folder, mapping, schedule: name },
    workflowId: Context.current().info.workflowExecution?.workflowId ?? folderId,
    ...(pattern === undefined ? {} : { pattern }),
    settleMs: durationMs(settle) ?? 0,
    retryMalformed: false,
    dryRun: false,
    requestedAt: new Date().toISOString(),
  });
}

/** Whether a file is one that is asked for: by the pattern, or else by an ending that tells its format. */
function isWanted({ folder, pattern, format }: FolderRequest): (location: string) => boolean {
  const base = folder.endsWith('/') ? folder.length : folder.length + 1;
  const matches = pattern === undefined ? undefined : namePattern(pattern);
  return (location) => {
    if (isPartialName(location)) return false;
    const within = location.slice(base);
    return matches?.(within) ?? (format !== undefined || formatOfName(within) !== undefined);
  };
}

function listed({ location, stamp, touchedMs }: FoundFile, settledBy: number): ListedFile {
  return { path: location, stamp, ...(touchedMs > settledBy ? { unsettled: true as const } : {}) };
}

/** Looks a folder through and keeps, page by page, which files there are; the files themselves are not opened. */
export async function listFolder(deps: FolderDeps, input: FolderInput): Promise<Listing> {
  const context = Context.current();
  await askBySchedule(deps, input);
  const request = await folderRequest(deps, input);
  const { folders } = deps.store.imports;
  const wanted = isWanted(request);
  const settledBy = Date.now() - request.settleMs;
  let page: ListedFile[] = [];
  let [files, pages] = [0, 0];
  const close = async (): Promise<void> => {
    await folders.putListed(input.folderId, pages, page);
    pages += 1;
    page = [];
    context.heartbeat();
    if (context.cancellationSignal.aborted) throw new CancelledFailure('the import was cancelled');
  };
  try {
    for await (const found of deps.files.list(request.folder)) {
      if (!wanted(found.location)) continue;
      page.push(listed(found, settledBy));
      files += 1;
      if (page.length === FOLDER_PAGE_FILES) await close();
    }
  } catch (error) {
    throw asImportFailure(error);
  }
  if (page.length > 0) await close();
  if (files === 0 && request.schedule === undefined) throw nothingFound(request);
  return { files, pages };
}

function nothingFound({ folder, pattern }: FolderRequest): Error {
  const where = isObjectLocation(folder) ? 'under the given prefix' : 'in the given folder';
  const which =
    pattern === undefined ? 'whose name ends like CSV, NDJSON or Parquet' : 'that the pattern matches';
  return importFailure('NothingFound', `there is no file ${where} ${which}`);
}

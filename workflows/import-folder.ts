import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  continueAsNew,
  defineQuery,
  executeChild,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { FolderActivities } from '../activities/import-folder/index.ts';
import { emptyFolderProgress, type FolderProgress } from '../domain/ingestion/folders.ts';
import { IMPORT_FILE_WORKFLOW } from './contract/import-file.ts';
import { FOLDER_PROGRESS_QUERY, type FolderPlace, type ImportFolderInput } from './contract/import-folder.ts';
import { STAGE_ATTRIBUTE } from './contract/search-attributes.ts';
import { importOptions } from './contract/start.ts';

const progressQuery = defineQuery<FolderProgress>(FOLDER_PROGRESS_QUERY);

/** Files that are imported at the same time: while one waits for the pumps another is read. */
const FILES_AT_ONCE = 4;

const { listFolder, planFolderPage, finishFolderPage, finishFolder } = proxyActivities<FolderActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 seconds' },
});

function reason(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? cause.message : 'the import was stopped';
}

/** Imports files, some at once. One that fails leaves a manifest that says why, and stops no other. */
async function importFiles(
  { tenant, source }: Pick<ImportFolderInput, 'tenant' | 'source'>,
  importIds: readonly string[],
): Promise<void> {
  const scope = CancellationScope.current();
  const waiting = [...importIds];
  const work = async (): Promise<void> => {
    for (let importId = waiting.shift(); importId !== undefined; importId = waiting.shift()) {
      const { workflowId, args, typedSearchAttributes, staticSummary } = importOptions({
        tenant,
        source,
        importId,
      });
      try {
        await executeChild(IMPORT_FILE_WORKFLOW, { workflowId, args, typedSearchAttributes, staticSummary });
      } catch (error) {
        // The others are waited for: they are terminated with this run, and would leave no manifests.
        if (scope.consideredCancelled) return;
        if (!(error instanceof ChildWorkflowFailure)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
  if (scope.consideredCancelled) throw new CancelledFailure('the import was stopped');
}

/**
 * Imports every file of a folder or prefix: lists it page by page, leaves out what was imported before and has not
 * changed, and imports each other file by a child of its own. Ends with a summary; the files have manifests.
 */
export async function importFolder(input: ImportFolderInput): Promise<FolderProgress> {
  const { tenant, source, from } = input;
  const folderId = input.folderId ?? from?.folderId ?? workflowInfo().firstExecutionRunId;
  const at = {
    tenant,
    source,
    folderId,
    ...(input.schedule === undefined ? {} : { schedule: input.schedule }),
  };
  let progress = from?.progress ?? emptyFolderProgress(folderId, source);
  const report = (changed: Partial<FolderProgress>): void => {
    const before = progress.status;
    progress = { ...progress, ...changed };
    const { files, outcomes, stored, status } = progress;
    if (status !== before) upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: status }]);
    setCurrentDetails(
      `${files} files: ${outcomes.imported} imported, ${outcomes.unchanged} unchanged, ${outcomes.unsettled} not settled, ` +
        `${outcomes.failed} failed; ${stored} rows stored`,
    );
  };
  setHandler(progressQuery, () => progress);
  // Whoever cancels: without a summary the import would seem to run for ever.
  const finish = (): Promise<void> =>
    CancellationScope.nonCancellable(() => finishFolder({ ...at, progress }));
  try {
    const listing = from ?? (await listFolder(at));
    report({
      status: 'importing',
      ...(from === undefined && 'files' in listing ? { files: listing.files } : {}),
    });
    for (let page = from?.page ?? 0; page < listing.pages; page += 1) {
      if (workflowInfo().continueAsNewSuggested) {
        const place: FolderPlace = { folderId, pages: listing.pages, page, progress };
        return await continueAsNew<typeof importFolder>({ ...input, from: place });
      }
      await importFiles(input, await planFolderPage({ ...at, page }));
      report(await finishFolderPage({ ...at, page, progress }));
    }
    report({ status: 'done' });
    await finish();
  } catch (error) {
    if (!(error instanceof ActivityFailure || isCancellation(error))) throw error;
    report({ status: 'failed', error: reason(error) });
    await finish();
    if (isCancellation(error)) throw error;
    throw ApplicationFailure.nonRetryable(reason(error), 'ImportFailed');
  }
  return progress;
}

import {
  ActivityFailure,
  ApplicationFailure,
  defineQuery,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { ImportActivities } from '../activities/import/index.ts';
import type { ImportProgress } from '../domain/ingestion/imports.ts';
import { IMPORT_PROGRESS_QUERY, type ImportFileInput } from './contract/import-file.ts';
import { STAGE_ATTRIBUTE } from './contract/search-attributes.ts';

const progressQuery = defineQuery<ImportProgress>(IMPORT_PROGRESS_QUERY);

/** How long one slice of the work runs before the workflow notes its progress, in milliseconds. */
const SLICE_MIN_MS = 1_000;
const SLICE_MAX_MS = 20_000;

const { prepareImport, readSlice, drainSlice, finishImport } = proxyActivities<ImportActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 seconds' },
});

function reason(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? cause.message : 'the import was stopped';
}

/**
 * Imports one file: reads it slice by slice into batches, waits until the pumps are through with them, and leaves a
 * manifest. A crash resumes at the slice at hand; rows that were taken in already are taken in once.
 */
export async function importFile(input: ImportFileInput): Promise<ImportProgress> {
  let progress: ImportProgress = {
    importId: input.importId,
    source: input.source,
    status: 'reading',
    bytes: 0,
    bytesTotal: 0,
    rows: 0,
    stored: 0,
    duplicates: 0,
    quarantined: 0,
  };
  const report = (changed: Partial<ImportProgress>): void => {
    progress = { ...progress, ...changed };
    setCurrentDetails(
      `${progress.rows} rows read, ${progress.bytes} of ${progress.bytesTotal} bytes; ${progress.stored} stored, ` +
        `${progress.duplicates} duplicates, ${progress.quarantined} quarantined`,
    );
  };
  setHandler(progressQuery, () => progress);
  try {
    const plan = await prepareImport(input);
    report({ bytesTotal: plan.bytesTotal });
    let position = plan.start;
    for (let sliceMs = SLICE_MIN_MS; !position.done; sliceMs = Math.min(sliceMs * 2, SLICE_MAX_MS)) {
      position = await readSlice({ ...input, plan, position, sliceMs });
      report({ bytes: position.byte, rows: position.row });
    }
    report({ status: 'draining' });
    upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'draining' }]);
    for (let sliceMs = SLICE_MIN_MS; ; sliceMs = Math.min(sliceMs * 2, SLICE_MAX_MS)) {
      const drained = await drainSlice({ ...input, plan, position, sliceMs });
      report(drained.counts);
      if (drained.done) break;
    }
    report({ status: 'done' });
    await finishImport({ ...input, plan, position, progress });
  } catch (error) {
    report({ status: 'failed', error: reason(error) });
    await finishImport({ ...input, progress });
    upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'failed' }]);
    throw ApplicationFailure.nonRetryable(reason(error), 'ImportFailed');
  }
  upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'done' }]);
  return progress;
}

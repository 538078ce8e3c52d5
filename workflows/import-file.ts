import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  defineQuery,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ImportActivities } from '../activities/import/index.ts';
import type { DrainPosition, ImportPlan, ImportPosition } from '../activities/import/types.ts';
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

function failureOf(
  error: unknown,
): Pick<ImportProgress, 'error' | 'errorType'> & { readonly detail?: unknown } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure)) return { error: 'the import was stopped' };
  return {
    error: cause.message,
    ...(cause.type == null ? {} : { errorType: cause.type }),
    detail: cause.details?.[0],
  };
}

function isPosition(value: unknown): value is ImportPosition {
  return typeof value === 'object' && value !== null && 'byte' in value && 'chunk' in value;
}

function* slices(): Generator<number> {
  for (let sliceMs = SLICE_MIN_MS; ; sliceMs = Math.min(sliceMs * 2, SLICE_MAX_MS)) yield sliceMs;
}

/** What one run of an import knows. */
class ImportRun {
  readonly #input: Omit<ImportFileInput, 'from'>;
  progress: ImportProgress;
  plan: ImportPlan | undefined;
  position: ImportPosition | undefined;
  drained: DrainPosition | undefined;

  constructor({ from, ...input }: ImportFileInput) {
    this.#input = input;
    this.plan = from?.plan;
    this.position = from?.position;
    this.drained = from?.drained;
    this.progress = from?.progress ?? {
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
  }

  report(changed: Partial<ImportProgress>): void {
    const stage = this.progress.status;
    this.progress = { ...this.progress, ...changed };
    const { rows, bytes, bytesTotal, stored, duplicates, quarantined, status } = this.progress;
    setCurrentDetails(
      `${rows} rows read, ${bytes} of ${bytesTotal} bytes; ${stored} stored, ` +
        `${duplicates} duplicates, ${quarantined} quarantined`,
    );
    if (status === 'draining' && stage !== status)
      upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'draining' }]);
  }

  /** Where the next run goes on, where the history is long enough to be continued as new. */
  next(): ImportFileInput | undefined {
    const { plan, position, drained, progress } = this;
    if (!workflowInfo().continueAsNewSuggested || plan === undefined || position === undefined)
      return undefined;
    const from = { plan, position, progress, ...(drained === undefined ? {} : { drained }) };
    return { ...this.#input, from };
  }

  /** Reads the file into batches; answers early where the run is to be continued. */
  async read(): Promise<ImportFileInput | undefined> {
    const plan = (this.plan ??= await prepareImport(this.#input));
    this.position ??= plan.start;
    this.report({ bytesTotal: plan.bytesTotal });
    for (const sliceMs of slices()) {
      const { position } = this;
      if (position.done) return undefined;
      const next = this.next();
      if (next !== undefined) return next;
      this.position = await readSlice({ ...this.#input, plan, position, sliceMs });
      this.report({ bytes: this.position.byte, rows: this.position.row });
    }
    return undefined;
  }

  /** Waits until the pumps are through with the batches; answers early where the run is to be continued. */
  async drain(mayContinue = true): Promise<ImportFileInput | undefined> {
    const { plan, position } = this;
    if (plan === undefined || position === undefined) return undefined;
    for (const sliceMs of slices()) {
      const next = mayContinue ? this.next() : undefined;
      if (next !== undefined) return next;
      const before = this.drained === undefined ? {} : { drained: this.drained };
      const { done, counts, drained } = await drainSlice({
        ...{ ...this.#input, plan, position, sliceMs },
        ...before,
      });
      this.drained = drained;
      this.report(counts);
      if (done) return undefined;
    }
    return undefined;
  }

  /** Leaves the manifest, whoever cancels: without one the import would seem to run for ever. */
  async finish(): Promise<void> {
    const { plan, position, drained, progress } = this;
    const finished = {
      ...this.#input,
      progress,
      ...(plan === undefined ? {} : { plan }),
      ...(position === undefined ? {} : { position }),
      ...(drained === undefined ? {} : { drained }),
    };
    await CancellationScope.nonCancellable(() => finishImport(finished));
  }

  /** Notes a failure, and counts what had been taken in by then. */
  async fail(error: unknown): Promise<void> {
    const { detail, ...failure } = failureOf(error);
    if (isPosition(detail)) {
      this.position = detail;
      this.report({ bytes: detail.byte, rows: detail.row });
    }
    // A run that is stopped counts nothing more; nor does one whose batches can't be counted.
    if (error instanceof ActivityFailure && !isCancellation(error) && this.progress.status === 'reading') {
      try {
        await this.drain(false);
      } catch (stopped) {
        if (!isCancellation(stopped)) throw stopped;
      }
    }
    this.report({ status: 'failed', ...failure });
    await this.finish();
    upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'failed' }]);
  }
}

/**
 * Imports one file: reads it slice by slice into batches, waits until the pumps are through with them, and leaves a
 * manifest. A crash resumes at the slice at hand; rows that were taken in already are taken in once.
 */
export async function importFile(input: ImportFileInput): Promise<ImportProgress> {
  const run = new ImportRun(input);
  setHandler(progressQuery, () => run.progress);
  let next: ImportFileInput | undefined;
  try {
    if (run.progress.status === 'reading') next = await run.read();
    if (next === undefined) {
      run.report({ status: 'draining' });
      next = await run.drain();
    }
    if (next === undefined) {
      run.report({ status: 'done' });
      await run.finish();
    }
  } catch (error) {
    await run.fail(error);
    if (isCancellation(error)) throw error;
    throw ApplicationFailure.nonRetryable(failureOf(error).error, 'ImportFailed');
  }
  if (next !== undefined) return continueAsNew<typeof importFile>(next);
  upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'done' }]);
  return run.progress;
}

import {
  ActivityFailure,
  ApplicationFailure,
  defineQuery,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { EngineActivities, LinkActivities } from '../activities/link-records/index.ts';
import type { WriteInput, WritePosition } from '../activities/link-records/types.ts';
import {
  NOTHING_COUNTED,
  type LinkProblem,
  type LinkProgress,
  type LinkStage,
} from '../domain/link-records/run.ts';
import { LINK_PROGRESS_QUERY, LINKAGE_QUEUE, type LinkRecordsInput } from './contract/link-records.ts';
import { STAGE_ATTRIBUTE } from './contract/search-attributes.ts';

const progressQuery = defineQuery<LinkProgress>(LINK_PROGRESS_QUERY);

/** How long one slice of writing runs before the workflow notes its progress; a day of it is 1,500 slices. */
const SLICE_MIN_MS = 1_000;
const SLICE_MAX_MS = 60_000;
/** A process that ends this often without a result has too little memory, or a fault that more tries do not mend. */
const ENGINE_ATTEMPTS_MAX = 5;
const RETRY = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' } as const;

const { planLinkRun, linkSlice, reviewSlice, finishLinkRun } = proxyActivities<LinkActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '20 seconds',
  retry: RETRY,
});
const { readRecords, computeLinks, indexRecords } = proxyActivities<EngineActivities>({
  taskQueue: LINKAGE_QUEUE,
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '20 seconds',
  retry: { ...RETRY, maximumAttempts: ENGINE_ATTEMPTS_MAX },
});

function problemOf(error: unknown): LinkProblem {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure)
    return { code: cause.type ?? 'link-failed', detail: cause.message };
  return { code: 'stopped', detail: 'the run was stopped before its end; what it had linked stays' };
}

/** The run's progress, as the query answers it and Temporal's UI shows it. */
class Progress {
  current: LinkProgress;

  constructor(runId: string) {
    this.current = { ...NOTHING_COUNTED, runId, sources: [], dryRun: false, stage: 'reading' };
  }

  note(changed: Partial<LinkProgress>): void {
    this.current = { ...this.current, ...changed };
    const { records, pairs, links, linked, reviews } = this.current;
    setCurrentDetails(
      `${records} records, ${pairs} pairs scored; ${linked} of ${links} links written, ${reviews} pairs for review`,
    );
  }

  enter(stage: LinkStage): void {
    this.note({ stage });
    upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: stage }]);
  }
}

async function writeAll(
  input: LinkRecordsInput,
  parts: number,
  write: (input: WriteInput) => Promise<WritePosition>,
  note: (written: number) => void,
): Promise<void> {
  let position: WritePosition = { part: 0, written: 0, done: parts === 0 };
  for (let sliceMs = SLICE_MIN_MS; !position.done; sliceMs = Math.min(sliceMs * 2, SLICE_MAX_MS)) {
    position = await write({ ...input, parts, position, sliceMs });
    note(position.written);
  }
}

async function run(input: LinkRecordsInput, progress: Progress): Promise<void> {
  const { sources, dryRun } = await planLinkRun(input);
  progress.note({ sources, dryRun });
  const read = await readRecords(input);
  progress.note({ fragments: read.fragments, records: read.records });
  progress.enter('computing');
  const computed = await computeLinks(input);
  const { pairs, clusters, links, model, refused } = computed;
  progress.note({ pairs, clusters, links, ...(model === undefined ? {} : { model }) });
  if (refused !== undefined) throw ApplicationFailure.nonRetryable(refused.detail, refused.code);
  if (dryRun) {
    progress.note({ reviews: computed.reviews });
    return;
  }
  progress.enter('linking');
  await writeAll(input, computed.linkParts, linkSlice, (linked) => {
    progress.note({ linked });
  });
  progress.enter('reviewing');
  await writeAll(input, computed.reviewParts, reviewSlice, (reviews) => {
    progress.note({ reviews });
  });
  progress.enter('indexing');
  await indexRecords(input);
}

/**
 * Links the records of some sources: reads them, compares them, tells identity who is one person, and puts up for
 * review what can't be said for sure. Nothing is linked before everything is computed; a crash resumes at the step at
 * hand, and a step that runs again changes nothing.
 */
export async function linkRecords(input: LinkRecordsInput): Promise<LinkProgress> {
  const progress = new Progress(input.runId);
  setHandler(progressQuery, () => progress.current);
  try {
    await run(input, progress);
    progress.enter('done');
    await finishLinkRun({ ...input, progress: progress.current });
  } catch (error) {
    const problem = problemOf(error);
    progress.note({ problem });
    progress.enter('failed');
    await finishLinkRun({ ...input, progress: progress.current });
    throw ApplicationFailure.nonRetryable(problem.detail, problem.code);
  }
  return progress.current;
}

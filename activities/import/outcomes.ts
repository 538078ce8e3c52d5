import { CancelledFailure, Context } from '@temporalio/activity';
import { ROW_ERRORS_MAX, type RowError } from '../../domain/ingestion/imports.ts';
import type { ImportOutcome } from '../../storage/imports/types.ts';
import { patiently } from '../ingest/patience.ts';
import { sleep } from '../ingest/pause.ts';
import { chunkIds, outcomesKey } from './chunk.ts';
import { noteInLedger } from './ledger.ts';
import type {
  DrainInput,
  DrainPosition,
  DrainResult,
  FinishInput,
  ImportDeps,
  ImportInput,
  ImportPlan,
} from './types.ts';

/** Between looks at whether the pumps are through, in milliseconds. */
const LOOK_MIN_MS = 25;
const LOOK_MAX_MS = 500;
/** Outcomes looked at together: an import of any length takes the same memory. */
const WINDOW_CHUNKS = 100;

/** Nothing counted yet but the rows that an earlier version of the file had brought. */
function atStart(plan: ImportPlan): DrainPosition {
  const counts = { stored: 0, duplicates: plan.start.row, quarantined: 0 };
  return { chunk: 0, counts, reasons: {}, withErrors: [], errors: 0 };
}

type Reasons = Readonly<Record<string, number>>;

function addReasons(to: Reasons = {}, by: Reasons = {}): Reasons {
  const sums: Record<string, number> = { ...to };
  for (const [code, rows] of Object.entries(by)) sums[code] = (sums[code] ?? 0) + rows;
  return sums;
}

function counted(position: DrainPosition, outcome: ImportOutcome): DrainPosition {
  const { chunk, counts, reasons, withErrors, errors } = position;
  const listed = outcome.errors.length;
  const isListed = listed > 0 && errors < ROW_ERRORS_MAX;
  return {
    chunk: chunk + 1,
    counts: {
      stored: counts.stored + outcome.stored,
      duplicates: counts.duplicates + outcome.duplicates,
      quarantined: counts.quarantined + outcome.quarantined,
    },
    reasons: addReasons(reasons, outcome.reasons),
    withErrors: isListed ? [...withErrors, chunk] : withErrors,
    errors: isListed ? errors + listed : errors,
  };
}

function together(a: ImportOutcome, b: ImportOutcome): ImportOutcome {
  return {
    stored: a.stored + b.stored,
    duplicates: a.duplicates + b.duplicates,
    quarantined: a.quarantined + b.quarantined,
    errors: [...a.errors, ...b.errors].sort((x, y) => x.row - y.row),
    reasons: addReasons(a.reasons, b.reasons),
  };
}

/** What became of chunks, over all their lanes; undefined where a lane is not through. */
async function outcomesOf(
  deps: ImportDeps,
  input: ImportInput,
  plan: ImportPlan,
  chunks: readonly number[],
): Promise<(ImportOutcome | undefined)[]> {
  const ids = chunks.flatMap((chunk) => chunkIds(input, plan, chunk));
  const outcomes = await deps.store.imports.outcomes(outcomesKey(input, plan), ids);
  return chunks.map((_, at) => {
    const [first, ...rest] = outcomes.slice(at * plan.lanes, (at + 1) * plan.lanes);
    return rest.reduce((sum, next) => (sum && next ? together(sum, next) : undefined), first);
  });
}

/** Counts the outcomes that follow on a position, as far as they are there without a gap: pumps keep a file's order. */
async function countOn(deps: ImportDeps, input: DrainInput, from: DrainPosition): Promise<DrainPosition> {
  const { plan, position } = input;
  const last = Math.min(position.chunk, from.chunk + WINDOW_CHUNKS);
  const chunks = Array.from({ length: last - from.chunk }, (_, at) => from.chunk + at);
  let drained = from;
  for (const outcome of await outcomesOf(deps, input, plan, chunks)) {
    if (outcome === undefined) break;
    drained = counted(drained, outcome);
  }
  return drained;
}

/** Waits until every batch of the import has an outcome, or the slice's time is over. */
export async function drainSlice(deps: ImportDeps, input: DrainInput): Promise<DrainResult> {
  const context = Context.current();
  const until = performance.now() + input.sliceMs;
  const patience = {
    signal: context.cancellationSignal,
    waiting: () => {
      context.heartbeat();
    },
  };
  let drained = input.drained ?? atStart(input.plan);
  for (let wait = LOOK_MIN_MS; ;) {
    const from = drained;
    drained = await patiently(patience, () => countOn(deps, input, from));
    const done = drained.chunk === input.position.chunk;
    if (done || performance.now() >= until) return { done, counts: drained.counts, drained };
    context.heartbeat();
    if (context.cancellationSignal.aborted) throw new CancelledFailure('the import was cancelled');
    if (drained.chunk - from.chunk === WINDOW_CHUNKS) continue;
    await sleep(wait, context.cancellationSignal);
    wait = drained.chunk > from.chunk ? LOOK_MIN_MS : Math.min(wait * 1.5, LOOK_MAX_MS);
  }
}

async function errorsOf(
  deps: ImportDeps,
  input: ImportInput,
  plan: ImportPlan,
  { withErrors }: DrainPosition,
): Promise<RowError[]> {
  const errors: RowError[] = [];
  for (let at = 0; at < withErrors.length && errors.length < ROW_ERRORS_MAX; at += WINDOW_CHUNKS) {
    const chunks = withErrors.slice(at, at + WINDOW_CHUNKS);
    for (const outcome of await outcomesOf(deps, input, plan, chunks))
      errors.push(...(outcome?.errors ?? []).slice(0, ROW_ERRORS_MAX - errors.length));
  }
  return errors;
}

/** Leaves the manifest; run again, it leaves the same one. */
export async function finishImport(deps: ImportDeps, input: FinishInput): Promise<void> {
  const { plan, drained, progress } = input;
  const request = await deps.store.imports.request(input.importId);
  if (request === undefined) return;
  await deps.store.imports.putManifest({
    ...progress,
    path: request.path,
    format: request.format,
    mapping: request.mapping,
    dryRun: request.dryRun,
    requestedAt: request.requestedAt,
    fileDigest: plan?.digest ?? '',
    errors: plan === undefined || drained === undefined ? [] : await errorsOf(deps, input, plan, drained),
    reasons: drained?.reasons ?? {},
  });
  await noteInLedger(deps, request, input);
}

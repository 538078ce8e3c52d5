import { derivedUlid } from '../../storage/intake/ulid.ts';
import { presentEvent } from '../../domain/profile/present.ts';
import type { ImportOutcome, RowSample } from '../../storage/imports/types.ts';
import { ROW_ERRORS_MAX, type ImportRequest, type RowError } from '../../domain/ingestion/imports.ts';
import type { BatchHeader, RawItem } from '../../domain/ingestion/raw.ts';
import { prepareBatch } from '../ingest/prepare.ts';
import type { FileRow, ImportDeps, ImportInput, ImportPlan } from './types.ts';

/** A batch of a file is closed at so many rows, or so many characters. */
export const CHUNK_ROWS = 1_000;
export const CHUNK_CHARS = 1_000_000;

/** The batch id of an import's n-th batch: the same on every try, and in the file's order. */
export function batchIdOf(
  { importId, requestedAt }: Pick<ImportRequest, 'importId' | 'requestedAt'>,
  chunk: number,
): string {
  return derivedUlid(Date.parse(requestedAt) + chunk, `import|${importId}|${chunk}`);
}

/** The batch id of a file's n-th batch, by its plan. */
export function chunkId({ importId }: ImportInput, { requestedAt }: ImportPlan, chunk: number): string {
  return batchIdOf({ importId, requestedAt }, chunk);
}

/** Where the outcomes of an import's batches are kept; a dry run's apart, since it stores nothing. */
export function outcomesKey(input: ImportInput, plan: ImportPlan): string {
  return plan.dryRun ? `dry-${input.importId}` : plan.digest;
}

/** A row as a line of a batch. */
function lineOf(row: FileRow, plan: ImportPlan): string {
  const reject = row.reject === undefined ? '' : `,"reject":${JSON.stringify(row.reject)}`;
  const origin = `{"file":${JSON.stringify(plan.digest)},"row":${row.row}}`;
  return `{"body":${row.body},"receivedAt":${JSON.stringify(plan.requestedAt)}${reject},"origin":${origin}}`;
}

function headerOf(input: ImportInput, plan: ImportPlan, chunk: number, items: number): BatchHeader {
  return {
    batchId: chunkId(input, plan, chunk),
    source: input.source,
    lane: plan.lane,
    mapping: plan.mapping,
    items,
    receivedAt: plan.requestedAt,
  };
}

/** Appends rows as one batch and wakes the lane where nobody pumps it. A second time changes nothing. */
export async function appendChunk(
  deps: ImportDeps,
  input: ImportInput,
  plan: ImportPlan,
  chunk: number,
  rows: readonly FileRow[],
): Promise<void> {
  const { needsWake } = await deps.store.batches.append(
    headerOf(input, plan, chunk, rows.length),
    rows.map((row) => lineOf(row, plan)),
  );
  if (needsWake) await deps.wake(input.source, plan.lane);
}

/** Rows of a dry run whose events are shown. */
const SAMPLE_ROWS = 5;
/** Characters of a row's events as JSON beyond which they are not shown: an item holds them all. */
const SAMPLE_CHARS_MAX = 50_000;

/** Maps rows and notes what would become of them, and what the first come to; stores nothing else. Duplicates are not looked for. */
export async function rehearseChunk(
  deps: ImportDeps,
  input: ImportInput,
  plan: ImportPlan,
  chunk: number,
  rows: readonly FileRow[],
): Promise<void> {
  const header = headerOf(input, plan, chunk, rows.length);
  const items = rows.map((row) => JSON.parse(lineOf(row, plan)) as RawItem);
  const errors: RowError[] = [];
  const reasons: Record<string, number> = {};
  let quarantined = 0;
  const samples: RowSample[] = [];
  for (const { item, events, refused } of await prepareBatch(deps.store, header, items)) {
    const row = item.origin?.row ?? 0;
    if (samples.length < SAMPLE_ROWS) {
      const made = refused === undefined ? events.map(presentEvent) : [];
      const shown = JSON.stringify(made).length > SAMPLE_CHARS_MAX ? [] : made;
      samples.push({ row, events: shown, ...(refused && { refused }) });
    }
    if (refused === undefined) continue;
    quarantined += 1;
    reasons[refused.code] = (reasons[refused.code] ?? 0) + 1;
    if (errors.length < ROW_ERRORS_MAX) errors.push({ row, ...refused });
  }
  const outcome: ImportOutcome = {
    stored: rows.length - quarantined,
    duplicates: 0,
    quarantined,
    errors,
    reasons,
  };
  if (chunk === 0) await deps.store.imports.putSamples(input.importId, samples);
  await deps.store.imports.putOutcome(outcomesKey(input, plan), header.batchId, outcome);
}

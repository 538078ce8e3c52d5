import { derivedUlid } from '../../storage/intake/ulid.ts';
import { presentEvent } from '../../domain/profile/present.ts';
import type { ImportOutcome, RowSample } from '../../storage/imports/types.ts';
import { ROW_ERRORS_MAX, type ImportRequest, type RowError } from '../../domain/ingestion/imports.ts';
import { laneOfRecord } from '../../domain/ingestion/lane.ts';
import type { BatchHeader, RawItem } from '../../domain/ingestion/raw.ts';
import { prepareBatch } from '../ingest/prepare.ts';
import type { FileRow, ImportDeps, ImportInput, ImportPlan } from './types.ts';

/** A chunk of a file is closed at so many rows for each of its lanes, or so many characters. */
export const CHUNK_ROWS = 1_000;
export const CHUNK_CHARS = 1_000_000;
/** More lanes than these share a chunk's rows without making it larger: memory stays bounded. */
const CHUNK_LANES_MAX = 4;

/** How large the chunks of an import are: so that a lane's part of one is about a batch. */
export function chunkLimits({ lanes }: Pick<ImportPlan, 'lanes'>): {
  readonly rows: number;
  readonly chars: number;
} {
  const times = Math.min(lanes, CHUNK_LANES_MAX);
  return { rows: CHUNK_ROWS * times, chars: CHUNK_CHARS * times };
}

/** The id of the batch that an import's n-th chunk has in a lane: the same on every try, and in the file's order. */
export function batchIdOf(
  { importId, requestedAt }: Pick<ImportRequest, 'importId' | 'requestedAt'>,
  chunk: number,
  lane: number,
): string {
  const name = lane === 0 ? `import|${importId}|${chunk}` : `import|${importId}|${chunk}|${lane}`;
  return derivedUlid(Date.parse(requestedAt) + chunk, name);
}

/** The ids of the batches of a file's n-th chunk, by lane. */
export function chunkIds(
  { importId }: ImportInput,
  { requestedAt, lanes }: ImportPlan,
  chunk: number,
): string[] {
  return Array.from({ length: lanes }, (_, lane) => batchIdOf({ importId, requestedAt }, chunk, lane));
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

function headerOf(
  input: ImportInput,
  plan: ImportPlan,
  chunk: number,
  part: { readonly lane: number; readonly items: number },
): BatchHeader {
  const { requestedAt, mapping, lanes } = plan;
  return {
    batchId: batchIdOf({ importId: input.importId, requestedAt }, chunk, part.lane),
    source: input.source,
    lane: part.lane,
    mapping,
    items: part.items,
    receivedAt: requestedAt,
    ...(lanes === 1 ? {} : { spread: { lanes, since: requestedAt } }),
  };
}

/** What becomes of a lane's part of a chunk where it has none. */
const NO_ROWS: ImportOutcome = { stored: 0, duplicates: 0, quarantined: 0, errors: [] };

/** Appends rows, to each lane as one batch, and wakes the lanes where nobody pumps them. A second time changes nothing. */
export async function appendChunk(
  deps: ImportDeps,
  input: ImportInput,
  plan: ImportPlan,
  chunk: number,
  rows: readonly FileRow[],
): Promise<void> {
  const { batches, imports } = deps.store;
  const parts = Array.from({ length: plan.lanes }, (): string[] => []);
  for (const row of rows) {
    const part = parts[laneOfRecord(row.body, plan.spreadBy, plan.lanes)];
    if (part === undefined) throw new RangeError(`the import has no lane for row ${row.row}`);
    part.push(lineOf(row, plan));
  }
  await Promise.all(
    parts.map(async (lines, lane) => {
      const header = headerOf(input, plan, chunk, { lane, items: lines.length });
      if (lines.length === 0) {
        await imports.putOutcome(outcomesKey(input, plan), header.batchId, NO_ROWS);
        return;
      }
      const { needsWake } = await batches.append(header, lines);
      if (needsWake) await deps.wake(input.source, lane);
    }),
  );
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
  const header = headerOf(input, plan, chunk, { lane: 0, items: rows.length });
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

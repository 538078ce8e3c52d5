import type { Files } from '../../storage/files/types.ts';
import { contentOf, type ContentRef } from './content.ts';
import { readCsvRows } from './csv.ts';
import { readJsonRows } from './ndjson.ts';
import { onThisMachine } from './parquet/copy.ts';
import { readParquetRows } from './parquet/host.ts';
import type { FileRow, ImportPlan } from './types.ts';

/** What reading takes from a plan. */
export type RowsPlan = Pick<ImportPlan, 'format' | 'encoding' | 'delimiter' | 'bytesTotal' | 'rowsTotal'>;

/**
 * Reads a file's rows from where one starts, whatever its format: those that end in one piece of its content together, since
 * waiting for each by itself would cost as much as reading it. `beat` is called while nothing can be told yet.
 */
export function readRows(
  files: Files,
  ref: ContentRef,
  plan: RowsPlan,
  from: { readonly byte: number; readonly row: number },
  beat: () => void,
): AsyncGenerator<readonly FileRow[]> {
  const content = (byte: number): AsyncIterable<Buffer> => contentOf(files, ref, byte);
  switch (plan.format) {
    case 'csv':
      return readCsvRows(content, plan, from);
    case 'ndjson':
      return readJsonRows(content, plan, from);
    case 'parquet': {
      const share = plan.bytesTotal / Math.max(1, plan.rowsTotal ?? 1);
      const byteAt = (row: number): number => Math.min(plan.bytesTotal, Math.floor(row * share));
      return onThisMachine(files, ref, beat, (path) => readParquetRows(path, from, byteAt));
    }
    default:
      return plan.format satisfies never;
  }
}

/** Rows one by one, for those who compare them one by one. */
export async function* oneByOne(pieces: AsyncIterable<readonly FileRow[]>): AsyncGenerator<FileRow> {
  for await (const together of pieces) yield* together;
}

import { createReadStream, createWriteStream, readFileSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { readRows, type RowsPlan } from '../../activities/import/read-rows.ts';
import { countParquetRows } from '../../activities/import/parquet/host.ts';
import { openFiles } from '../../storage/files/open.ts';
import { descendants } from '../../test/support/process-tree.ts';
import { word } from '../../test/support/segment.ts';
import type { Bench } from '../types.ts';
import { writeReceipts } from './import.ts';

const ROWS = 5_000_000;
const QUICK_ROWS = 500_000;
const SAMPLE_MS = 200;

/** Receipts with a note and a nested list, in row groups of a million, as exports of warehouses have them. */
async function writeParquet(path: string, rows: number): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT lpad((1 + range // 3)::VARCHAR, 7, '0') AS customer_id, DATE '1997-01-01' + (range * 37 % 540)::INT AS date,
       (1 + range % 5)::INT AS quantity, ((500 + range % 9000) / 100)::DECIMAL(10, 2) AS amount,
       md5(range::VARCHAR) AS note, [range, range + 1] AS items
     FROM range(${rows})) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 1000000)`,
  );
  connection.closeSync();
  instance.closeSync();
}

/** Memory that a process holds now, in MB; 0 once it is gone. */
function residentMb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

interface Reading {
  readonly rowsPerSecond: number;
  /** Most that this process grew by, and most that its processes held. */
  readonly grownMb: number;
  readonly childrenMb: number;
}

/** Reads all rows, as an import does, and drops them. */
async function readAll(path: string, plan: RowsPlan, compression?: 'gzip'): Promise<Reading> {
  const files = openFiles({ region: 'us-east-1' });
  const ref = { path, stamp: await files.stamp(path), compression };
  const start = residentMb(process.pid);
  let [own, children] = [0, 0];
  const timer = setInterval(() => {
    own = Math.max(own, residentMb(process.pid) - start);
    children = Math.max(children, ...descendants(process.pid).slice(1).map(residentMb));
  }, SAMPLE_MS);
  const began = performance.now();
  let rows = 0;
  for await (const together of readRows(files, ref, plan, { byte: 0, row: 0 }, () => undefined))
    rows += together.length;
  clearInterval(timer);
  const seconds = (performance.now() - began) / 1_000;
  return { rowsPerSecond: rows / seconds, grownMb: own, childrenMb: children };
}

/** The reading side of imports: Parquet and gzip. */
export const importParquet: Bench = {
  name: 'import-parquet',
  about: 'rows a second read of Parquet and of CSV by gzip, and the memory that takes',
  async run({ quick, note }) {
    const rows = quick ? QUICK_ROWS : ROWS;
    const base = join(tmpdir(), word('receipts'));
    const [parquet, csv, gzip] = [`${base}.parquet`, `${base}.csv`, `${base}.csv.gz`];
    try {
      await writeParquet(parquet, rows);
      const plan: RowsPlan = {
        format: 'parquet',
        encoding: 'utf8',
        delimiter: ',',
        bytesTotal: (await stat(parquet)).size,
      };
      const counted = await countParquetRows(parquet);
      const columns = await readAll(parquet, { ...plan, rowsTotal: counted });
      note(`Parquet: ${Math.round(columns.rowsPerSecond)} rows/s, ${Math.round(columns.childrenMb)} MB`);
      await writeReceipts(csv, rows);
      await pipeline(createReadStream(csv), createGzip({ level: 1 }), createWriteStream(gzip));
      const packed = await readAll(gzip, { ...plan, format: 'csv' }, 'gzip');
      note(`gzip: ${Math.round(packed.rowsPerSecond)} rows/s`);
      return [
        {
          name: 'Parquet, read',
          unit: 'rows/s',
          values: [columns.rowsPerSecond],
          target: { atLeast: 15_000 },
        },
        {
          name: 'Parquet, the process that reads',
          unit: 'MB',
          values: [columns.childrenMb],
          target: { atMost: 400 },
        },
        { name: 'Parquet, growth of the worker', unit: 'MB', values: [columns.grownMb] },
        {
          name: 'CSV by gzip, read',
          unit: 'rows/s',
          values: [packed.rowsPerSecond],
          target: { atLeast: 15_000 },
        },
        { name: 'CSV by gzip, growth of the worker', unit: 'MB', values: [packed.grownMb] },
      ];
    } finally {
      for (const path of [parquet, csv, gzip]) rmSync(path, { force: true });
    }
  },
};

import { createWriteStream, rmSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { startPlatform, type Platform } from '../../test/support/platform.ts';
import { word } from '../../test/support/segment.ts';
import { cpuPerEvent, cpuSeconds } from '../measure/processes.ts';
import type { Bench } from '../types.ts';

const ROWS = 200_000;
const QUICK_ROWS = 40_000;
/** Of other customers, before the clock runs: compiling is no part of the rate. */
const WARMUP_ROWS = 30_000;
/** As in the CDNOW sample: three receipts a customer. */
const ROWS_PER_CUSTOMER = 3;

/** Writes receipts as CSV, three a customer, from the n-th receipt on. */
export async function writeReceipts(path: string, rows: number, from = 0): Promise<void> {
  const file = createWriteStream(path);
  file.write('customer_id,date,quantity,amount\n');
  for (let row = from; row < from + rows; row += 1) {
    const customer = String(1 + Math.floor(row / ROWS_PER_CUSTOMER)).padStart(7, '0');
    const date = new Date(Date.UTC(1997, 0, 1 + ((row * 37) % 540))).toISOString().slice(0, 10);
    const line = `${customer},${date},${1 + (row % 5)},${(5 + (row % 9_000) / 100).toFixed(2)}\n`;
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}

/** Imports a file by the command line, and waits until so many receipts show in all. */
async function importInto(platform: Platform, file: string, stored: number): Promise<void> {
  const done = await platform.cli('import', file, '--source', 'pos', '--mapping', 'cdnow-receipts', '--json');
  if (done.code !== 0) throw new Error(done.stderr);
  const shown = (await platform.drained()).sources['pos']?.stored;
  if (shown !== stored) throw new Error(`${shown} stored`);
}

/** A file of receipts through the command line, until every row shows. */
export const importRows: Bench = {
  name: 'import',
  about: 'rows of receipts a second, by `tessera import`, until all show',
  async run({ quick, runs, note }) {
    const rows = quick ? QUICK_ROWS : ROWS;
    const file = join(tmpdir(), `${word('receipts')}.csv`);
    const warmup = join(tmpdir(), `${word('warm-up')}.csv`);
    await writeReceipts(warmup, WARMUP_ROWS, rows);
    await writeReceipts(file, rows);
    const rates: number[] = [];
    const micros: number[] = [];
    try {
      for (let run = 0; run < Math.min(runs, 3); run += 1) {
        const platform = await startPlatform();
        try {
          await importInto(platform, warmup, WARMUP_ROWS);
          const before = cpuSeconds(platform);
          const began = performance.now();
          await importInto(platform, file, WARMUP_ROWS + rows);
          const seconds = (performance.now() - began) / 1_000;
          rates.push(rows / seconds);
          micros.push(cpuPerEvent(before, cpuSeconds(platform), rows).ours);
          note(`${Math.round(rows / seconds)} rows/s`);
        } finally {
          await platform.stop();
        }
      }
    } finally {
      for (const path of [file, warmup]) rmSync(path, { force: true });
    }
    return [
      { name: 'rows, the command included', unit: 'rows/s', values: rates, target: { atLeast: 10_000 } },
      { name: 'CPU', unit: 'µs/row', values: micros },
    ];
  },
};

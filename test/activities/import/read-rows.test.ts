import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { headOf } from '../../../activities/import/content.ts';
import { digestOf } from '../../../activities/import/file.ts';
import { countParquetRows } from '../../../activities/import/parquet/host.ts';
import { oneByOne, readRows, type RowsPlan } from '../../../activities/import/read-rows.ts';
import type { FileRow } from '../../../activities/import/types.ts';
import type { FileFormat } from '../../../domain/ingestion/imports.ts';
import { openFiles } from '../../../storage/files/open.ts';

const files = openFiles({ region: 'us-east-1' });

/** A file on this machine, with what reading it takes. */
interface Sample {
  readonly path: string;
  readonly format: FileFormat;
  readonly compression?: 'gzip';
  readonly start: { readonly byte: number; readonly row: number };
}

describe('rows of files', function () {
  this.timeout(120_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-rows-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function file(content: string | Uint8Array): Promise<string> {
    const path = join(folder, randomUUID());
    await writeFile(path, content);
    return path;
  }

  async function* rowsOf(sample: Sample, from = sample.start): AsyncGenerator<FileRow> {
    const { path, format, compression } = sample;
    const stamp = await files.stamp(path);
    const plan: RowsPlan = {
      format,
      encoding: 'utf8',
      delimiter: ',',
      bytesTotal: stamp.bytes,
      rowsTotal: 1,
    };
    yield* oneByOne(readRows(files, { path, stamp, compression }, plan, from, () => undefined));
  }

  async function all(sample: Sample, from = sample.start): Promise<FileRow[]> {
    const rows: FileRow[] = [];
    for await (const row of rowsOf(sample, from)) rows.push(row);
    return rows;
  }

  const ROWS = 2_500;
  const HEADER = 'id,note\n';
  const csv = HEADER + Array.from({ length: ROWS }, (_, i) => `c${i},"a ""note"",\n${i}"\n`).join('');
  const ndjson = Array.from({ length: ROWS }, (_, i) => `${JSON.stringify({ id: i, note: 'ü\n' })}\n`).join(
    '',
  );

  const parquet = (): Uint8Array =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'id', data: Array.from({ length: ROWS }, (_, i) => i), type: 'INT32' },
          {
            name: 'note',
            data: Array.from({ length: ROWS }, (_, i) => (i % 3 === 0 ? null : `n${i}`)),
            type: 'STRING',
          },
        ],
        rowGroupSize: 700,
      }),
    );

  for (const [what, format, content, compression] of [
    ['CSV', 'csv', () => csv, undefined],
    ['CSV by gzip', 'csv', () => gzipSync(csv), 'gzip'],
    ['NDJSON', 'ndjson', () => ndjson, undefined],
    ['NDJSON by gzip', 'ndjson', () => gzipSync(ndjson), 'gzip'],
    ['Parquet', 'parquet', parquet, undefined],
  ] as const)
    it(`resumes ${what} after any row with the rest of the rows`, async () => {
      const sample = {
        path: await file(content()),
        format,
        start: { byte: format === 'csv' ? HEADER.length : 0, row: 0 },
        ...(compression === undefined ? {} : { compression }),
      };
      const rows = await all(sample);
      assert.equal(rows.length, ROWS);
      assert.deepEqual(
        rows.map(({ row }) => row),
        Array.from({ length: ROWS }, (_, at) => at + 1),
      );
      const runs = format === 'parquet' ? 3 : 30;
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: ROWS }), async (count) => {
          const last = rows[count - 1];
          assert.ok(last);
          const rest = await all(sample, { byte: last.endByte, row: last.row });
          assert.deepEqual(
            rest.map(({ row, body }) => [row, body]),
            rows.slice(count).map(({ row, body }) => [row, body]),
          );
        }),
        { numRuns: runs },
      );
    });

  it('reads gzip of several members as one content, and takes the content for the file', async () => {
    const [head, tail] = [csv.slice(0, 1_000), csv.slice(1_000)];
    const path = await file(Buffer.concat([gzipSync(head), gzipSync(tail)]));
    const stamp = await files.stamp(path);
    const packed = await digestOf(files, { path, stamp, compression: 'gzip' }, () => undefined);
    const plainPath = await file(csv);
    const plain = { path: plainPath, stamp: await files.stamp(plainPath) };
    assert.deepEqual(packed, await digestOf(files, plain, () => undefined));
  });

  it('says that gzip was cut off, wherever it was', async () => {
    const whole = gzipSync(csv);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: whole.length - 1 }), async (bytes) => {
        const path = await file(whole);
        await truncate(path, bytes);
        const sample: Sample = { path, format: 'csv', compression: 'gzip', start: { byte: 8, row: 0 } };
        await assert.rejects(all(sample), /cut off/u);
      }),
      { numRuns: 20 },
    );
  });

  it('looks at the beginning of a gzip bomb without unpacking it', async () => {
    const path = await file(gzipSync(Buffer.alloc(300_000_000)));
    const stamp = await files.stamp(path);
    const before = process.memoryUsage().rss;
    assert.equal((await headOf(files, { path, stamp, compression: 'gzip' }, 1_000)).length, 1_000);
    const { bytes } = await digestOf(files, { path, stamp, compression: 'gzip' }, () => undefined);
    assert.equal(bytes, 300_000_000);
    assert.ok(process.memoryUsage().rss - before < 150_000_000, 'memory grew with what the file unpacks to');
  });

  it('turns away the one row of 700,000 that has a column too many', async () => {
    const lines = Array.from({ length: 700_100 }, (_, i) => (i === 699_999 ? `c${i},1,2` : `c${i},1`));
    const sample: Sample = {
      path: await file(`${HEADER}${lines.join('\n')}\n`),
      format: 'csv',
      start: { byte: HEADER.length, row: 0 },
    };
    const rejected: FileRow[] = [];
    let rows = 0;
    for await (const row of rowsOf(sample)) {
      rows += 1;
      if (row.reject !== undefined) rejected.push(row);
    }
    assert.equal(rows, 700_100);
    assert.deepEqual(
      rejected.map(({ row, reject }) => [row, reject?.code]),
      [[700_000, 'column-count']],
    );
  });

  it('says that a file is no Parquet, or damaged, without a word of its content', async () => {
    const whole = parquet();
    await assert.rejects(countParquetRows(await file('PAR1 jane@example.com PAR1')), /no Parquet/u);
    const damaged = whole.slice();
    damaged.fill(7, 4, 400);
    const sample: Sample = { path: await file(damaged), format: 'parquet', start: { byte: 0, row: 0 } };
    await assert.rejects(all(sample), /damaged/u);
  });
});

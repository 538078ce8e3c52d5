import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { readParquetRows } from '../../../activities/import/parquet/host.ts';

describe('values of Parquet', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-parquet-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** The rows that a query makes, once they were in a file. */
  async function through(query: string): Promise<unknown[]> {
    // A quote in a name is the file's own business.
    const path = join(folder, "it's.parquet");
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`COPY (${query}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    const rows: unknown[] = [];
    for await (const together of readParquetRows(path, { row: 0 }, () => 0))
      for (const { body } of together) rows.push(JSON.parse(body));
    return rows;
  }

  it('are exact, whatever JSON can hold', async () => {
    assert.deepEqual(
      await through(`SELECT 12345678901234567890.12::DECIMAL(38, 2) AS amount, 0.10::DECIMAL(4, 2) AS small,
        9007199254740993::BIGINT AS big, 42::BIGINT AS id, 1.5::DOUBLE AS share, 0.1::FLOAT AS rate, true AS yes, 'ü"' AS name`),
      [
        {
          ...{ amount: '12345678901234567890.12', small: '0.10', big: '9007199254740993', id: 42 },
          ...{ share: 1.5, rate: 0.1, yes: true, name: 'ü"' },
        },
      ],
    );
  });

  it('are ISO 8601 where they are times, and base64 where they are bytes', async () => {
    assert.deepEqual(
      await through(`SELECT DATE '1997-01-02' AS day, TIMESTAMP '1997-01-02 03:04:05' AS plain, TIMESTAMP '1969-12-31 23:59:59.000001' AS micros,
        TIMESTAMPTZ '1997-01-02 03:04:05+02' AS zoned, TIMESTAMP_MS '1997-01-02 03:04:05.678' AS millis, '\\x00\\xFF'::BLOB AS bytes`),
      [
        {
          ...{ day: '1997-01-02', plain: '1997-01-02T03:04:05.000Z', micros: '1969-12-31T23:59:59.000001Z' },
          ...{ zoned: '1997-01-02T01:04:05.000Z', millis: '1997-01-02T03:04:05.678Z', bytes: 'AP8=' },
        },
      ],
    );
  });

  it('nest, and are absent where they are NULL', async () => {
    assert.deepEqual(
      await through(`SELECT NULL::INT AS none, {'a': 1, 'b': NULL, 'c': [1.50::DECIMAL(4, 2), NULL]} AS inner,
        MAP {'k': DATE '2000-01-01'} AS map`),
      [{ inner: { a: 1, c: ['1.50', null] }, map: { k: '2000-01-01' } }],
    );
  });
});

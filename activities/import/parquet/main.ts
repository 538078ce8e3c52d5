/** The process that reads a Parquet file by DuckDB: writes its rows, says what came of it, and ends. */
import { once } from 'node:events';
import {
  DuckDBInstance,
  DuckDBTypeId,
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { ParquetOrder, ParquetReport } from './protocol.ts';
import { jsonOfValue, shortestFloat } from './values.ts';

/** What DuckDB may take for itself: a column chunk of each column of the widest files, whatever their length. */
const DUCKDB_MEMORY = '280MB';
/** A text of an SQL statement, its quotes doubled. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A DuckDB that can read one file and nothing else. */
async function openOn(path: string): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: DUCKDB_MEMORY,
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run(`SET allowed_paths = [${quoted(path)}]`);
  await connection.run("SET temp_directory = ''");
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
  return connection;
}

async function countRows(connection: DuckDBConnection, path: string): Promise<number> {
  const reader = await connection.runAndReadAll(
    `SELECT num_rows FROM parquet_file_metadata(${quoted(path)})`,
  );
  return Number(reader.getRows()[0]?.[0] ?? 0);
}

type Writer = (value: DuckDBValue) => string | undefined;

function writerOf(type: DuckDBType): Writer {
  // DuckDB's type of JSON columns is a text with a name.
  if (type.typeId === DuckDBTypeId.VARCHAR && type.alias === 'JSON')
    return (value) => (typeof value === 'string' ? jsonText(value) : undefined);
  if (type.typeId === DuckDBTypeId.FLOAT)
    return (value) => JSON.stringify(jsonOfValue(typeof value === 'number' ? shortestFloat(value) : value));
  return (value) => JSON.stringify(jsonOfValue(value));
}

function jsonText(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return JSON.stringify(text);
  }
}

/** The rows of a chunk as JSON objects, a line each. Values of a column are read together, which is far faster. */
function linesOf(chunk: DuckDBDataChunk, keys: readonly string[], writers: readonly Writer[]): string {
  const columns = keys.map((_, at) => chunk.getColumnValues(at));
  let text = '';
  for (let row = 0; row < chunk.rowCount; row += 1) {
    let members = '';
    for (let at = 0; at < keys.length; at += 1) {
      const value = writers[at]?.(columns[at]?.[row] ?? null);
      if (value !== undefined) members += `${members === '' ? '' : ','}${keys[at] ?? ''}:${value}`;
    }
    text += `{${members}}\n`;
  }
  return text;
}

/** DuckDB ends a stream that fails as if it had come to its end: the rows are counted, and asked for once more to hear why. */
async function assertComplete(connection: DuckDBConnection, path: string, at: number, rows: number) {
  if (at === rows) return;
  const from = `FROM read_parquet(${quoted(path)}, file_row_number = true)`;
  await connection.runAndReadAll(`SELECT * ${from} WHERE file_row_number = ${at}`);
  throw new Error('the rows ended early');
}

async function writeRows(connection: DuckDBConnection, path: string, fromRow: number): Promise<number> {
  const rows = await countRows(connection, path);
  const result = await connection.stream(
    `SELECT * EXCLUDE (file_row_number) FROM read_parquet(${quoted(path)}, file_row_number = true) ` +
      `WHERE file_row_number >= ${fromRow}`,
  );
  const keys = result.columnNames().map((name) => JSON.stringify(name));
  const writers = result.columnTypes().map(writerOf);
  let at = Math.min(fromRow, rows);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || (chunk.rowCount === 0 && at === rows)) break;
    at += chunk.rowCount;
    if (!process.stdout.write(linesOf(chunk, keys, writers))) await once(process.stdout, 'drain');
  }
  await assertComplete(connection, path, at, rows);
  return rows;
}

/** DuckDB's sentences may quote a path or a value; its kinds of error don't. */
function failure(error: unknown): ParquetReport {
  const kind = /^[A-Z][A-Za-z-]*(?: [A-Za-z-]+)*(?= Error\b)/u.exec(
    error instanceof Error ? error.message : '',
  )?.[0];
  if (kind === 'Out of Memory')
    return {
      kind: 'failed',
      message: `a row group needs more than the ${DUCKDB_MEMORY} that reading may take; write the file with smaller row groups`,
      transient: false,
    };
  return {
    kind: 'failed',
    message: `the file is no Parquet that can be read, or it is damaged (${kind ?? 'unknown'}); write it again`,
    transient: kind === undefined,
  };
}

async function serve({ path, fromRow }: ParquetOrder): Promise<ParquetReport> {
  try {
    const connection = await openOn(path);
    const rows =
      fromRow === undefined ? await countRows(connection, path) : await writeRows(connection, path, fromRow);
    return { kind: 'done', rows };
  } catch (error) {
    return failure(error);
  }
}

// Whoever ordered it is gone, and with it whoever would read the rows.
process.on('disconnect', () => process.exit(1));
process.stdout.on('error', () => process.exit(1));
process.once('message', (order: ParquetOrder) => {
  serve(order).then(
    (report) => {
      // The rows are out before the report is.
      process.stdout.end(() => {
        process.send?.(report, () => process.exit(0));
      });
    },
    () => process.exit(1),
  );
});

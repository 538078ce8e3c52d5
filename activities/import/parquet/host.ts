import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { importFailure } from '../failures.ts';
import { lines } from '../ndjson.ts';
import type { FileRow } from '../types.ts';
import type { ParquetOrder, ParquetReport } from './protocol.ts';

/** What lets Node run TypeScript, as this process itself is run. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const ENTRY = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Heap of the process and of its young objects; DuckDB's own memory comes on top. */
const HEAP_MB = 96;
const YOUNG_MB = 4;

/** The last to have been let in, if any: one reader at a time takes its memory. */
let turn: Promise<void> = Promise.resolve();

/** Waits for one's turn; answers what ends it. */
async function takeTurn(): Promise<() => void> {
  const before = turn;
  let leave: () => void = () => undefined;
  turn = new Promise((resolve) => {
    leave = resolve;
  });
  await before;
  return leave;
}

interface Reader {
  readonly child: ChildProcess;
  readonly report: Promise<ParquetReport>;
}

/**
 * Starts a process of its own for DuckDB, so that neither its memory nor a crash of its native code is the worker's. It
 * ends with the one that started it.
 */
function start(order: ParquetOrder): Reader {
  const child = fork(ENTRY, [], {
    execArgv: [`--max-old-space-size=${HEAP_MB}`, `--max-semi-space-size=${YOUNG_MB}`, '--import', TSX],
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });
  const report = new Promise<ParquetReport>((resolve) => {
    let last: ParquetReport | undefined;
    child.on('message', (message: ParquetReport) => {
      last = message;
    });
    child.once('error', () => {
      resolve(died('it could not be started'));
    });
    child.once('close', (code, signal) => {
      resolve(last ?? died(signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
  });
  child.send(order, () => undefined);
  return { child, report };
}

function died(how: string): ParquetReport {
  return { kind: 'failed', message: `the process that reads Parquet ended early (${how})`, transient: true };
}

/** Throws where the report is of a failure, for good where trying again can't help. */
function rowsOf(report: ParquetReport): number {
  if (report.kind === 'done') return report.rows;
  if (report.transient) throw new Error(report.message);
  throw importFailure('MalformedFile', report.message);
}

function end({ child }: Reader): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}

/** How many rows a Parquet file on this machine has. Throws a clear failure where it can't be read as one. */
export async function countParquetRows(path: string): Promise<number> {
  const leave = await takeTurn();
  const reader = start({ path });
  try {
    reader.child.stdout?.resume();
    return rowsOf(await reader.report);
  } finally {
    end(reader);
    leave();
  }
}

const TOO_LONG = { code: 'line-too-long', detail: 'the row is longer than 1,000,000 bytes as JSON' } as const;

/** Reads the rows of a Parquet file on this machine after the first `row`, as `readRows`. `byteAt` says how far a row is, in bytes. */
export async function* readParquetRows(
  path: string,
  from: { readonly row: number },
  byteAt: (row: number) => number,
): AsyncGenerator<readonly FileRow[]> {
  const leave = await takeTurn();
  const reader = start({ path, fromRow: from.row });
  try {
    const { stdout } = reader.child;
    let { row } = from;
    if (stdout !== null)
      for await (const together of lines(stdout, 0))
        yield together.map(({ bytes }): FileRow => {
          row += 1;
          const endByte = byteAt(row);
          if (bytes === undefined) return { row, body: 'null', endByte, reject: TOO_LONG };
          return { row, body: bytes.toString('utf8'), endByte };
        });
    const rows = rowsOf(await reader.report);
    if (row < rows) throw new Error('rows were lost between the process that reads Parquet and the worker');
  } finally {
    end(reader);
    leave();
  }
}

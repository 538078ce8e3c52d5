import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { EngineOrder, EngineReport } from './protocol.ts';

/** What lets Node run TypeScript, as this process itself is run. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const ENTRY = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Heap of the engine's process; typed arrays, which hold most of what it works on, come on top. */
const HEAP_MB = 2_048;

/** Who waits for the engine. */
export interface EngineWatch {
  /** Called when the engine gives a sign of life. */
  readonly beat: () => void;
  /** Ends the engine. */
  readonly signal: AbortSignal;
}

/**
 * Runs a task in a process of its own, so that neither its time nor its memory is taken from those who pump events: a
 * million records are about a minute and more than a gigabyte. The process ends with the one that started it.
 * Throws `ApplicationFailure`, not to be retried where trying again can't help; `CancelledFailure`.
 */
export async function runEngine(order: EngineOrder, watch: EngineWatch): Promise<unknown> {
  const child = fork(ENTRY, [], {
    execArgv: [`--max-old-space-size=${String(HEAP_MB)}`, '--import', TSX],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  watch.signal.addEventListener('abort', kill);
  try {
    if (watch.signal.aborted) kill();
    const ended = new Promise<EngineReport>((resolve) => {
      let last: EngineReport | undefined;
      child.on('message', (report: EngineReport) => {
        watch.beat();
        if (report.kind !== 'beat') last = report;
      });
      child.once('error', () => {
        resolve(died('it could not be started'));
      });
      child.once('close', (code, signal) => {
        resolve(last ?? died(signal === null ? `exit code ${String(code)}` : `signal ${signal}`));
      });
    });
    child.send(order, () => undefined);
    const report = await ended;
    if (watch.signal.aborted) throw new CancelledFailure('the run was cancelled');
    return resultOf(report);
  } finally {
    watch.signal.removeEventListener('abort', kill);
    if (child.exitCode === null && child.signalCode === null) kill();
  }
}

function died(how: string): EngineReport {
  const message = `the linkage engine ended early (${how}); if it goes on so, there is too little memory for so many records`;
  return { kind: 'failed', code: 'engine-died', message, transient: true };
}

function resultOf(report: EngineReport): unknown {
  if (report.kind === 'done') return report.result;
  if (report.kind === 'beat') return undefined;
  throw ApplicationFailure.create({
    message: report.message,
    type: report.code,
    nonRetryable: !report.transient,
  });
}

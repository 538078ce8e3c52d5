import type { LogLevel, LogMetadata, Logger as TemporalLogger } from '@temporalio/worker';
import { pino, type Logger } from 'pino';
import { describeError } from '../domain/error-facts.ts';

export type { Logger };

/** The worker's structured log, one JSON line each to stdout: codes, counts and opaque ids, no one's data. */
export function createLogger(level: string, tenant: string): Logger {
  return pino({
    level,
    base: { process: 'worker', tenant },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
  });
}

/** Metadata of the SDK's log lines that may be kept: ids and names, no payloads. */
const KEPT = [
  'workflowId',
  'runId',
  'workflowType',
  'activityId',
  'activityType',
  'attempt',
  'taskQueue',
  'namespace',
  'sdkComponent',
];

/** Writes the Temporal SDK's log through ours. */
export function temporalLogger(log: Logger): TemporalLogger {
  const write = (level: LogLevel, message: string, meta?: LogMetadata): void => {
    const kept: Record<string, unknown> = {};
    for (const name of KEPT) if (meta?.[name] !== undefined) kept[name] = meta[name];
    const error: unknown = meta?.['error'];
    if (error !== undefined) kept['err'] = error;
    log[level.toLowerCase() as Lowercase<LogLevel>](kept, message);
  };
  return {
    log: write,
    trace: (message, meta) => {
      write('TRACE', message, meta);
    },
    debug: (message, meta) => {
      write('DEBUG', message, meta);
    },
    info: (message, meta) => {
      write('INFO', message, meta);
    },
    warn: (message, meta) => {
      write('WARN', message, meta);
    },
    error: (message, meta) => {
      write('ERROR', message, meta);
    },
  };
}

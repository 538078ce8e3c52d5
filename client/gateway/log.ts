import { pino } from 'pino';
import type { Logger } from 'pino';
import { describeError } from '../../domain/error-facts.ts';

export type { Logger };

/**
 * The process's structured log, one JSON line each to stdout. Callers log codes, counts and opaque ids alone; the
 * redaction below is a second net. Errors are reduced to name, code and place: messages of libraries may quote input.
 */
export function createLogger(level: string, tenant: string): Logger {
  return pino({
    level,
    base: { process: 'gateway', tenant },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['authorization', 'writeKey', 'token', '*.authorization', '*.writeKey', '*.token', 'req', 'res'],
      censor: '[redacted]',
    },
    serializers: { err: describeError },
  });
}

import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger };

/**
 * The process's structured log, one JSON line each to stdout. Callers log codes, counts and opaque ids alone; the
 * redaction below is a second net. Errors are reduced to name, code and stack: messages of libraries may quote input.
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

/** What of an error may be logged: never its message, which can hold a person's data. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    at: frames(error),
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  };
}

/** The stack begins with the message, which may have lines that look like frames. */
function frames(error: Error): string[] {
  const stack = error.stack ?? '';
  const message = stack.indexOf(error.message);
  return stack
    .slice(message === -1 ? stack.length : message + error.message.length)
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 4)
    .map((line) => line.trim());
}

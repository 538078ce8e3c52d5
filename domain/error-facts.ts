const FRAMES_MAX = 8;

/** Where an error came from, a line each. */
export function framesOf(error: Error): string[] {
  // The stack begins with the message, which may have lines that look like frames, and more than one.
  const stack = error.stack ?? '';
  const message = stack.indexOf(error.message);
  return stack
    .slice(message === -1 ? stack.length : message + error.message.length)
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, FRAMES_MAX)
    .map((line) => line.trim());
}

/** What of an error may be logged: never its message, which can quote a person's data. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    at: framesOf(error),
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  };
}

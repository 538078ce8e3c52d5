const MAX_CHARS = 300;

function messageOf(line: string): string | undefined {
  if (!line.startsWith('{')) return line.trim();
  try {
    // Temporal tells an error as a text of its own.
    const { msg, err, error } = JSON.parse(line) as {
      msg?: unknown;
      err?: { message?: unknown };
      error?: unknown;
    };
    const parts = [msg, err?.message, error].filter((part) => typeof part === 'string');
    return parts.length > 0 ? parts.join(': ') : undefined;
  } catch {
    return undefined;
  }
}

/** What of a log's last lines says why its process ended: an error rather than a stack, a banner or the routine. */
export function lastWords(lines: readonly string[]): string | undefined {
  const said = lines
    .filter((line) => !/^\s+at |^Node\.js v|^[\s^{}]*$/.test(line))
    .map(messageOf)
    .filter((message) => message !== undefined);
  const error = said.findLast((message) => /error|cannot|can't|fail|unable|denied|in use/i.test(message));
  return (error ?? said.at(-1))?.slice(0, MAX_CHARS);
}

/** Each UTF-16 unit as JSON escapes it. */
function escaped(text: string): string {
  let result = '';
  for (let at = 0; at < text.length; at += 1) {
    result += `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return result;
}

/**
 * Text that came from data, safe for a terminal: control characters, escape sequences, and what is invisible or reorders
 * text are shown as escapes, so that a customer's name can't move the cursor or rewrite what was printed.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

/** One value as a table's cell shows it. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.map(printable).join(', ');
  }
  return printable(JSON.stringify(value));
}

/** JSON for people and programs, one document; only the line ends of its own layout are control characters. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

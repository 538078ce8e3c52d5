import { isUtf8 } from 'node:buffer';
import type { JsonValue } from '../../../domain/json.ts';
import { expand } from '../expand.ts';
import { emptyBody, ProblemError } from '../problem.ts';
import { brokenAt } from './json-text.ts';
import { REQUEST_BYTES_MAX } from './limits.ts';
import type { Turns } from './turns.ts';

/** A request's JSON: its value and the text it was read from. */
export interface ParsedBody {
  readonly value: JsonValue;
  readonly text: string;
}

/**
 * Expands a collection body, and decodes and parses it in a turn of its own. Throws `ProblemError`: 400 for what is no JSON, and
 * what `expand` throws.
 */
export async function readBody(
  bytes: Buffer | undefined,
  encoding: string | undefined,
  turns: Turns,
): Promise<ParsedBody> {
  if (bytes === undefined || bytes.length === 0) {
    throw emptyBody();
  }
  const expanded = await expand(bytes, encoding, REQUEST_BYTES_MAX);
  return turns.run(() => parse(expanded));
}

function parse(bytes: Buffer): ParsedBody {
  if (!isUtf8(bytes)) throw new ProblemError(400, 'malformed-utf8', 'The body is not valid UTF-8.');
  const hasBom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const text = bytes.toString('utf8', hasBom ? 3 : 0);
  try {
    return { value: JSON.parse(text) as JsonValue, text };
  } catch {
    // V8's own message quotes the input, which may be a person's data; the position is all that is needed.
    const position = brokenAt(text);
    const where = position === undefined ? '' : ` at line ${position.line}, column ${position.column}`;
    throw new ProblemError(400, 'malformed-json', `The body is not valid JSON${where}.`, {
      extensions: position === undefined ? {} : { position },
    });
  }
}

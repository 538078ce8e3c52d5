import { isUtf8 } from 'node:buffer';
import type { JsonObject, JsonValue } from '../../../domain/json.ts';
import { quoteLongIntegers } from '../../../domain/long-integers.ts';
import { ProblemError } from '../problem.ts';

/**
 * Parses a vendor's JSON. Whole numbers that a double can't hold, which vendors use for ids, become the text of their
 * digits. Throws `ProblemError` 400.
 */
export function parseVendorJson(bytes: Buffer): JsonValue {
  if (!isUtf8(bytes)) throw new ProblemError(400, 'malformed-utf8', 'The body is not valid UTF-8.');
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(quoteLongIntegers(text)) as JsonValue;
  } catch {
    // V8's message quotes the input.
    throw new ProblemError(400, 'malformed-json', 'The body is not valid JSON.');
  }
}

/** The value as an object; throws `ProblemError` 400. */
export function objectOf(value: JsonValue | undefined, what = 'The body'): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProblemError(400, 'wrong-shape', `${what} must be a JSON object.`);
  }
  return value;
}

/** The value as a list; throws `ProblemError` 400. */
export function listOf(value: JsonValue | undefined, what = 'The body'): JsonValue[] {
  if (!Array.isArray(value)) throw new ProblemError(400, 'wrong-shape', `${what} must be a JSON array.`);
  return value;
}

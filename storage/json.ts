import type { JsonValue } from '../domain/json.ts';

/** JSON as UTF-8 bytes. */
export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** Reads UTF-8 JSON. Throws `SyntaxError` where it is none. */
export function jsonOf(bytes: Uint8Array): JsonValue {
  return decodeJson<JsonValue>(bytes);
}

/**
 * Reads what this process's own code wrote by `encodeJson`: the bytes are authenticated or written by nobody else,
 * so their form is the writer's.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names what it wrote
export function decodeJson<T>(bytes: Uint8Array): T {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return JSON.parse(text) as T;
}

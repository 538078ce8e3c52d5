import type { JsonObject, JsonValue } from '../json.ts';

/** What a retransmission may change of a message: when and how it was sent, not what it says. */
const TRANSPORT = new Set(['sentAt', 'receivedAt', 'writeKey', '_metadata']);

/** Sets of keys whose order is remembered; sources send few shapes. */
const SHAPES_MAX = 1_000;

/** Longest joined keys that are remembered. */
const SHAPE_MAX_LENGTH = 1_000;

const sortedKeys = new Map<string, readonly string[]>();

/**
 * Text for the digest by which a message sent again is told from another with the same id. Equal for equal content in
 * any order of keys, different for different content: strings and lists carry their length instead of being quoted,
 * which is unambiguous and costs a third. Frozen, since digests are kept. Call it on bodies that passed the checks.
 */
export function canonicalContent(body: JsonValue): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return encode(body);
  return encodeObject(body, TRANSPORT);
}

function encode(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return `s${value.length}:${value}`;
    case 'number':
      return `n${value};`;
    case 'boolean':
      return value ? 't' : 'f';
    default:
      if (value === null) return '0';
      return Array.isArray(value) ? encodeList(value) : encodeObject(value);
  }
}

function encodeList(list: readonly JsonValue[]): string {
  let text = `[${list.length}:`;
  for (const item of list) text += encode(item);
  return text;
}

function encodeObject(object: JsonObject, without?: ReadonlySet<string>): string {
  let text = '{';
  for (const key of sorted(Object.keys(object))) {
    if (without?.has(key) === true) continue;
    const value = object[key];
    if (value !== undefined) text += `${key.length}:${key}${encode(value)}`;
  }
  return `${text}}`;
}

/** By code unit. Remembered by the order given, since sorting is most of the work. */
function sorted(keys: string[]): readonly string[] {
  if (keys.length < 2) return keys;
  const shape = keys.join('\n');
  const known = sortedKeys.get(shape);
  // Keys that hold a line feed are never remembered; a list with such a key that joins to a known text is shorter.
  if (known?.length === keys.length) return known;
  keys.sort();
  if (shape.length > SHAPE_MAX_LENGTH || keys.some((key) => key.includes('\n'))) return keys;
  if (sortedKeys.size >= SHAPES_MAX) sortedKeys.clear();
  sortedKeys.set(shape, keys);
  return keys;
}

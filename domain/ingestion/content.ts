import type { JsonObject, JsonValue } from '../json.ts';

/** What a retransmission may change of a message: when and how it was sent, not what it says. */
const TRANSPORT = new Set(['sentAt', 'receivedAt', 'writeKey', '_metadata']);

/** First keys, and orders of keys that begin with one, that are remembered; sources send few. */
const FIRST_KEYS_MAX = 500;
const ORDERS_MAX = 8;
/** Lengths of strings that are written without being formatted each time. */
const LENGTHS = 256;

/** An order of keys as they come, the same by code unit, and what stands before each value. */
interface Shape {
  readonly given: readonly string[];
  readonly sorted: readonly string[];
  readonly labels: readonly string[];
}

const shapes = new Map<string, Shape[]>();
const stringStarts = Array.from({ length: LENGTHS }, (_, length) => `s${length}:`);

/**
 * Text for the digest by which a message sent again is told from another with the same id. Equal for equal content in
 * any order of keys, different for different content: strings and lists carry their length instead of being quoted,
 * which is unambiguous and costs a third. Frozen, since digests are kept. Call it on bodies that passed the checks.
 */
export function canonicalContent(body: JsonValue): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return append('', body);
  return appendObject('', body, TRANSPORT);
}

// What there is already is handed on and added to, which leaves less to collect than texts that are put together.
function append(text: string, value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return text + (stringStarts[value.length] ?? `s${value.length}:`) + value;
    case 'number':
      return `${text}n${value};`;
    case 'boolean':
      return text + (value ? 't' : 'f');
    default:
      if (value === null) return `${text}0`;
      return Array.isArray(value) ? appendList(text, value) : appendObject(text, value);
  }
}

function appendList(before: string, list: readonly JsonValue[]): string {
  let text = `${before}[${list.length}:`;
  for (const item of list) text = append(text, item);
  return text;
}

function appendObject(before: string, object: JsonObject, without?: ReadonlySet<string>): string {
  let text = `${before}{`;
  const { sorted, labels } = shapeOf(object);
  // By index: an iterator makes two objects for each key, of which every message has some twenty.
  for (let i = 0; i < sorted.length; i += 1) {
    const key = sorted[i] ?? '';
    if (without?.has(key) === true) continue;
    const value = object[key];
    if (value !== undefined) text = append(text + (labels[i] ?? ''), value);
  }
  return `${text}}`;
}

/** Remembered by the order given, since sorting is most of the work. */
function shapeOf(object: JsonObject): Shape {
  const given = Object.keys(object);
  const [first = ''] = given;
  let known = shapes.get(first);
  for (const shape of known ?? []) if (isSame(shape.given, given)) return shape;
  const sorted = [...given].sort();
  const shape = { given, sorted, labels: sorted.map((key) => `${key.length}:${key}`) };
  if (known === undefined) {
    if (shapes.size >= FIRST_KEYS_MAX) shapes.clear();
    shapes.set(first, (known = []));
  }
  if (known.length >= ORDERS_MAX) known.shift();
  known.push(shape);
  return shape;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
